"""The part of the plugin that gives servers: fixtures, `--mic-require`, logs of failing tests.

As the plugin itself it starts nothing and imports next to nothing until a fixture is used.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from mic.testing.servers._supervisor import Supervisor
    from mic.testing.servers.server import Server

NAMES = ("redis",)
"""What `--mic-require` takes: fixtures' names without `_server` and `_collector`, `_` as `-`."""

_ALL = "all"
_OPTION = "--mic-require"
_VARIABLE = "MIC_REQUIRE_SERVERS"
_SUPERVISOR = pytest.StashKey["Supervisor"]()
_REQUIRED = pytest.StashKey[frozenset[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--mic-require`."""
    parser.getgroup("mic").addoption(
        _OPTION,
        metavar="NAMES",
        default=None,
        help=f"servers whose absence fails a test instead of skipping it: {_ALL}, or some of"
        f" {','.join(NAMES)}; default: ${_VARIABLE}",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Read which servers are required; a name that no server has is refused."""
    written = config.getoption(_OPTION)
    said = f"{_OPTION}={written}"
    if written is None:
        written = os.environ.get(_VARIABLE, "")
        said = f"{_VARIABLE}={written}"
    names = {each.strip() for each in written.split(",")} - {""}
    unknown = sorted(names - {_ALL, *NAMES})
    if unknown:
        known = ", ".join((_ALL, *NAMES))
        msg = f"{said}: no server is called {', '.join(unknown)}; there are {known}"
        raise pytest.UsageError(msg)
    config.stash[_REQUIRED] = frozenset(NAMES if _ALL in names else names)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Put right what the last test left killed or paused; from here on a log is this test's."""
    supervisor = item.config.stash.get(_SUPERVISOR, None)
    if supervisor is not None:
        supervisor.heal()
        supervisor.mark_logs()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Let what fixtures tidy up find its server again."""
    supervisor = item.config.stash.get(_SUPERVISOR, None)
    if supervisor is not None:
        supervisor.heal()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add to a failing test what the servers logged meanwhile."""
    report = yield
    supervisor = item.config.stash.get(_SUPERVISOR, None)
    if supervisor is not None and report.failed:
        report.sections.extend((f"log of {name}", text) for name, text in supervisor.logs())
    return report


@pytest.fixture(scope="session")
def mic_servers(pytestconfig: pytest.Config) -> Iterator[Supervisor]:
    """What starts the servers of this process, and ends them with the session."""
    from mic.testing.servers._supervisor import Supervisor

    supervisor = pytestconfig.stash[_SUPERVISOR] = Supervisor()
    yield supervisor
    del pytestconfig.stash[_SUPERVISOR]
    supervisor.close()


def _server(config: pytest.Config, supervisor: Supervisor, name: str) -> Server:
    from mic.testing.servers.server import ServerUnavailableError

    try:
        return supervisor.server(name)
    except ServerUnavailableError as absent:
        if name in config.stash[_REQUIRED]:
            pytest.fail(f"{absent}: {_OPTION} or ${_VARIABLE} requires it", pytrace=False)
        pytest.skip(str(absent))


@pytest.fixture(scope="session")
def redis_server(pytestconfig: pytest.Config, mic_servers: Supervisor) -> Server:
    """A Redis server: `$MIC_TEST_REDIS_URL`, else Valkey of the extra `redis`, else of PATH."""
    return _server(pytestconfig, mic_servers, "redis")


@pytest.fixture
def redis_namespace(mic_servers: Supervisor) -> Iterator[str]:
    """A namespace that no other test has; what it holds is removed after the test.

    For `redis_server`, `redis_cluster` and `redis_cluster_replicas` alike.
    """
    from mic.testing.servers._isolation import new_name
    from mic.testing.servers._redis import remove_namespace

    name = new_name()
    yield name
    for server in mic_servers.started():
        if server.kind.startswith("redis"):
            remove_namespace(server, name)
