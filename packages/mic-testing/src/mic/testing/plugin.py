"""The pytest plugin: markers, collection rules and fixtures.

Loaded by every pytest run of an environment that has `mic-testing`, so it starts nothing and
imports next to nothing: whatever a fixture needs is imported when the fixture is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from mic.testing._hosts import AppClients, ClientT
    from mic.testing._loop_guard import LoopGuard
    from mic.testing.canaries import Canaries
    from mic.testing.route_client import AsyncRouteClient, RouteClient

_NEEDS_SERVER = "mic_needs_server"
_LOOP_GUARD = "loop_guard"
_GUARD = pytest.StashKey["LoopGuard"]()
_HOST_NAMES = ("asgi", "fastapi", "litestar")

pytest_plugins = ["mic.testing._server_fixtures"]


# a contract suite asserts in a module that pytest does not collect
pytest.register_assert_rewrite("mic.testing.contracts")


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers, so that `--strict-markers` knows them."""
    for line in (
        f"{_NEEDS_SERVER}: kills or pauses the backend's server; not collected without one",
        f"{_LOOP_GUARD}(limit_seconds=0.05): fail when a callback holds the event loop longer",
    ):
        config.addinivalue_line("markers", line)


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(
    collector: pytest.Collector, obj: object
) -> Sequence[pytest.Item | pytest.Collector] | None:
    """Leave out the tests that need a server where the test class names none."""
    if isinstance(collector, pytest.Class) and getattr(collector.obj, "server", None) is None:
        marks = getattr(obj, "pytestmark", None)
        if isinstance(marks, list) and any(mark.name == _NEEDS_SERVER for mark in marks):
            return []
    return None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Watch the event loops while a guarded test runs; setting it up is not watched."""
    guard = item.stash.get(_GUARD, None)
    if guard is None and item.get_closest_marker(_LOOP_GUARD):
        guard = _new_guard(item)
    if guard is None:
        return (yield)
    with guard:
        result = yield
    guard.check()
    return result


@pytest.fixture
def loop_guard(request: pytest.FixtureRequest) -> LoopGuard:
    """Fail the test when a callback held an event loop longer than 50 ms, naming the stack.

    Another limit: `@pytest.mark.loop_guard(limit_seconds=0.2)`; the marker alone is enough. What is
    counted, and what is not, is said at `mic.testing.LoopGuard`.
    """
    guard = request.node.stash[_GUARD] = _new_guard(request.node)
    return guard


def _new_guard(item: pytest.Item) -> LoopGuard:
    from mic.testing._loop_guard import LoopGuard

    marker = item.get_closest_marker(_LOOP_GUARD)
    return LoopGuard(**(marker.kwargs if marker else {}))


@pytest.fixture
def secret_canaries() -> Canaries:
    """200 values to plant wherever a secret could be; `assert_no_secrets` looks for them."""
    from mic.testing.canaries import Canaries

    return Canaries()


@pytest.fixture(params=_HOST_NAMES)
def app_client(request: pytest.FixtureRequest) -> Iterator[AppClients[RouteClient]]:
    """Make clients of routes; the test runs once on every host that is installed.

    `app_client(routes, options=..., stack=...)` gives a `RouteClient` of an application of the
    host `app_client.host`. A host that is not installed is skipped, with the reason.
    """
    from mic.testing.route_client import RouteClient

    clients = _clients(request.param, RouteClient)
    yield clients
    clients.close()


@pytest.fixture(params=_HOST_NAMES)
def async_app_client(request: pytest.FixtureRequest) -> AppClients[AsyncRouteClient]:
    """Make asynchronous clients of routes; else as `app_client`."""
    from mic.testing.route_client import AsyncRouteClient

    return _clients(request.param, AsyncRouteClient)


def _clients(host: str, client_class: type[ClientT]) -> AppClients[ClientT]:
    from mic.testing._hosts import HOSTS, AppClients, HostAbsentError

    try:
        return AppClients(HOSTS[host], client_class)
    except HostAbsentError as absent:
        pytest.skip(str(absent))
