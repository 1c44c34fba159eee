"""Generated route tables and paths: every host, one answer."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import Depends, FastAPI
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from mic.fastapi import build_fastapi_app
from mic.http import (
    HttpRequestContext,
    HttpRouteSpec,
    RouteDefinitionError,
    build_asgi_app,
)
from mic.litestar import build_litestar_app
from mic.testing import AsyncRouteClient, ClientOptions
from mic.testing.contracts.http_corpus import comparable

_STATIC = st.sampled_from(["a", "b", "ab", "1", "1.5", "..", "a b", "é", "a.b", "~", "new", "%41"])
_PARAMETER = st.sampled_from(["", ":int", ":float", ":str", ":uuid"])
_UUID = "00000000-0000-0000-0000-000000000001"
_SEGMENT = st.sampled_from(
    [
        *(
            "a",
            "b",
            "ab",
            "1",
            "12",
            "1.5",
            "..",
            "%2e%2e",
            ".",
            "a%20b",
            "é",
            "%C3%A9",
            "a.b",
            "~",
        ),
        *("new", "n%65w", "", "a%2Fb", "%2F", "a%3Fb", "%23", "%", "%zz", "%41", "%2541", "x;y=z"),
        *("+", "%00", "%0a", "%ff", _UUID, "A", "{x}", "*", ":", "@", "\u0661"),
    ]
)
_METHODS = st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])


@st.composite
def _templates(draw: st.DrawFn) -> str:
    segments: list[str] = []
    for position in range(draw(st.integers(0, 4))):
        kind = draw(st.integers(0, 2))
        segments.append(draw(_STATIC) if kind else f"{{p{position}{draw(_PARAMETER)}}}")
    ending = draw(st.sampled_from(["", "", "", "/", "/{rest:path}"]))
    return "/" + "/".join(segments) + ending if segments else "/" + ending.lstrip("/")


def _echo(context: HttpRequestContext) -> dict[str, Any]:
    assert context.route is not None
    return {"route": context.route.name, "method": context.method, **context.path_params}


def _spec(number: int, method: Any, template: str) -> HttpRouteSpec:
    return HttpRouteSpec(method, template, f"r{number}", "generated", _echo, run_in_thread=False)


def _nothing() -> None:
    """A dependency: where there is one, FastAPI's own matching has a say."""


def build_fastapi_app_with_a_dependency(*, routes: list[HttpRouteSpec], stack: None) -> FastAPI:
    """As `build_fastapi_app`, with FastAPI's machinery around every route."""
    return build_fastapi_app(routes=routes, stack=stack, dependencies=[Depends(_nothing)])


_HOSTS: tuple[Any, ...] = (
    build_fastapi_app,
    build_fastapi_app_with_a_dependency,
    build_litestar_app,
)
_TABLES = st.lists(st.tuples(_METHODS, _templates()), min_size=1, max_size=7)
_TARGETS = st.lists(
    st.tuples(
        st.one_of(_METHODS, st.just("TRACE")),
        st.lists(_SEGMENT, max_size=5).map(lambda segments: "/" + "/".join(segments)),
    ),
    min_size=1,
    max_size=12,
)


async def _ask(app: Any, targets: list[tuple[str, str]], root_path: str) -> list[Any]:
    options = ClientOptions(raise_errors=False, root_path=root_path)
    client = AsyncRouteClient.for_app(app, settings=options)
    return [comparable(await client.request(method, path)) for method, path in targets]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(table=_TABLES, targets=_TARGETS, root_path=st.sampled_from(["", "", "/mount"]))
def test_one_answer_on_all_hosts(
    table: list[tuple[str, str]], targets: list[tuple[str, str]], root_path: str
) -> None:
    routes = [_spec(number, *entry) for number, entry in enumerate(table)]
    try:
        bare = build_asgi_app(routes=routes)
    except RouteDefinitionError:
        reject()
    # and every declared template is asked for by its own text
    targets = targets + [(method, template.replace(" ", "%20")) for method, template in table]
    expected = asyncio.run(_ask(bare, targets, root_path))
    for build in _HOSTS:
        given_answers = asyncio.run(_ask(build(routes=routes, stack=None), targets, root_path))
        for target, mine, theirs in zip(targets, expected, given_answers, strict=True):
            assert (build.__name__, target, theirs) == (build.__name__, target, mine)
    assert all(status < 500 for status, *_ in expected)
