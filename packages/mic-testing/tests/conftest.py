"""What the tests of this distribution share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from mic.http import build_asgi_app
from mic.testing import AsyncRouteClient, RouteResponse
from mic.testing._http.asgi import ASGIApp
from mic.testing.contracts.http_corpus import Case, CorpusApp

_INI = """
[pytest]
asyncio_mode = auto
asyncio_default_fixture_loop_scope = function
filterwarnings = error
addopts = --strict-markers --import-mode=importlib -p no:cacheprovider
"""

RunTests = Callable[..., pytest.RunResult]


@pytest.fixture
def run_tests(pytester: pytest.Pytester) -> RunTests:
    """Run a test file of its own in a strict project, in process."""
    pytester.makefile(".ini", pytest=_INI)

    def run(source: str, *arguments: str) -> pytest.RunResult:
        pytester.makepyfile(source)
        return pytester.runpytest_inprocess(*arguments)

    return run


BareAnswer = Callable[[CorpusApp, Case], Awaitable[RouteResponse]]


@pytest.fixture(scope="module")
def bare_answer(tmp_path_factory: pytest.TempPathFactory) -> BareAnswer:
    """Send a case to the bare app of its routes, made once a module."""
    made: dict[str, ASGIApp] = {}

    async def answer(app: CorpusApp, case: Case) -> RouteResponse:
        if app.name not in made:
            routes = app.routes(tmp_path_factory.mktemp(app.name))
            made[app.name] = build_asgi_app(routes=routes, options=app.options, stack=app.stack)
        client = AsyncRouteClient.for_app(made[app.name], settings=case.settings)
        return await client.request(case.method, case.path, **case.send)

    return answer
