"""The part of the plugin that gives servers: fixtures, `--mic-require`, logs of failing tests.

As the plugin itself it starts nothing and imports next to nothing until a fixture is used.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from playwright.sync_api import Browser

    from mic.testing.faults import FaultProxy
    from mic.testing.servers._supervisor import Supervisor
    from mic.testing.servers.server import Server

NAMES = (
    "redis",
    "redis-cluster",
    "redis-cluster-replicas",
    "postgres",
    "nats",
    "kafka",
    "kafka-mock",
    "kafka-proxy",
    "mongo",
    "neo4j",
    "opa",
    "openfga",
    "otlp",
    "mysql",
    "browser",
)
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


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    """Let what fixtures tidy up find its server again; they tidy up whether it came back or not."""
    supervisor = item.config.stash.get(_SUPERVISOR, None)
    failure: Exception | None = None
    if supervisor is not None:
        try:
            supervisor.heal()
        except Exception as error:
            failure = error
    result = yield
    if failure is not None:
        raise failure
    return result


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


@pytest.fixture(scope="session")
def redis_cluster(pytestconfig: pytest.Config, mic_servers: Supervisor) -> Server:
    """A Redis Cluster of three masters, its `nodes`; the same program as `redis_server`."""
    return _server(pytestconfig, mic_servers, "redis-cluster")


@pytest.fixture(scope="session")
def redis_cluster_replicas(pytestconfig: pytest.Config, mic_servers: Supervisor) -> Server:
    """A Redis Cluster of three masters with a replica each: six `nodes`.

    Who is master and who replica changes with every failover: ask the cluster.
    """
    return _server(pytestconfig, mic_servers, "redis-cluster-replicas")


@pytest.fixture
def redis_namespace(mic_servers: Supervisor) -> Iterator[str]:
    """A namespace that no other test has; the keys that have it in them are removed afterwards.

    For `redis_server`, `redis_cluster` and `redis_cluster_replicas` alike; it starts none of them.
    """
    with mic_servers.space_in_all("redis", "redis-cluster", "redis-cluster-replicas") as name:
        yield name


@pytest.fixture(scope="session")
def postgres_server(pytestconfig: pytest.Config, mic_servers: Supervisor) -> Server:
    """PostgreSQL: `$MIC_TEST_POSTGRES_URL`, else of the extra `postgres`, else of PATH.

    The user of `url` may make databases; a test takes its own from `postgres_database`.
    """
    return _server(pytestconfig, mic_servers, "postgres")


@pytest.fixture
def postgres_database(postgres_server: Server, mic_servers: Supervisor) -> Iterator[str]:
    """The name of a new, empty database, dropped after the test with whoever is still connected.

    `postgres_server.url_of(postgres_database)` is its URL.
    """
    with mic_servers.space(postgres_server) as name:
        yield name


@pytest.fixture(scope="session")
def mysql_server(pytestconfig: pytest.Config, mic_servers: Supervisor) -> Server:
    """MySQL or MariaDB: `$MIC_TEST_MYSQL_URL`, else MariaDB of PATH with a folder of its own."""
    return _server(pytestconfig, mic_servers, "mysql")


@pytest.fixture
def mysql_database(mysql_server: Server, mic_servers: Supervisor) -> Iterator[str]:
    """The name of a new, empty database, dropped after the test.

    `mysql_server.url_of(mysql_database)` is its URL.
    """
    with mic_servers.space(mysql_server) as name:
        yield name


@pytest.fixture(scope="session")
def nats_server(pytestconfig: pytest.Config, mic_servers: Supervisor) -> Server:
    """NATS with JetStream: `$MIC_TEST_NATS_URL`, else of the extra `nats`, else of PATH."""
    return _server(pytestconfig, mic_servers, "nats")


@pytest.fixture
def nats_prefix(nats_server: Server, mic_servers: Supervisor) -> Iterator[str]:
    """A prefix of subjects and names that no other test has.

    Streams (key-value buckets and object stores are some) that have it in their name, in whatever
    case, are removed after the test.
    """
    with mic_servers.space(nats_server) as name:
        yield name


@pytest.fixture(scope="session")
def kafka_server(pytestconfig: pytest.Config, mic_servers: Supervisor) -> Server:
    """A Kafka broker: `$MIC_TEST_KAFKA_BOOTSTRAP`, else Tansu of the extra `kafka`.

    Tansu speaks the protocol, consumer groups included, but refuses idempotent producers, and its
    log is in memory: after `kill` and `restart` it is empty. `address` is what clients bootstrap
    from.
    """
    return _server(pytestconfig, mic_servers, "kafka")


@pytest.fixture
def kafka_topic_prefix(kafka_server: Server, mic_servers: Supervisor) -> Iterator[str]:
    """A prefix of topics and groups that no other test has; such topics are removed afterwards."""
    with mic_servers.space(kafka_server) as name:
        yield name


@pytest.fixture(scope="session")
def kafka_mock(pytestconfig: pytest.Config, mic_servers: Supervisor) -> Server:
    """The mock cluster of librdkafka, for idempotent producers; of the extra `kafka`.

    It lives in this process: there is nothing to kill, pause or restart.
    """
    return _server(pytestconfig, mic_servers, "kafka-mock")


@pytest.fixture
def kafka_proxy(pytestconfig: pytest.Config, mic_servers: Supervisor) -> Iterator[FaultProxy]:
    """A `FaultProxy` that a Kafka broker of its own advertises, so that no client gets past it.

    Restored after the test; topics stay until the session ends.
    """
    from mic.testing.servers._kafka_proxy import proxy_of

    proxy = proxy_of(_server(pytestconfig, mic_servers, "kafka-proxy"))
    yield proxy
    proxy.restore()


@pytest.fixture(scope="session")
def mongo_server(pytestconfig: pytest.Config, mic_servers: Supervisor) -> Server:
    """A server of MongoDB's wire protocol: `$MIC_TEST_MONGO_URL`, else NX-27017 of the extra.

    NX-27017 keeps documents in SQLite; it names no replica set, and sees no write conflict between
    two transactions.
    """
    return _server(pytestconfig, mic_servers, "mongo")


@pytest.fixture
def mongo_database(mongo_server: Server, mic_servers: Supervisor) -> Iterator[str]:
    """The name of a database that no other test has, dropped after the test."""
    with mic_servers.space(mongo_server) as name:
        yield name


@pytest.fixture(scope="session")
def neo4j_server(pytestconfig: pytest.Config, mic_servers: Supervisor) -> Server:
    """A server of Bolt and Cypher: `$MIC_TEST_NEO4J_URL`, else ArcadeDB of the extra `neo4j`.

    Neo4j's driver takes the user apart: `GraphDatabase.driver(f"bolt://{neo4j_server.address}",
    auth=neo4j_server.auth)`.
    """
    return _server(pytestconfig, mic_servers, "neo4j")


@pytest.fixture
def neo4j_database(neo4j_server: Server, mic_servers: Supervisor) -> Iterator[str]:
    """The name of a new, empty database, dropped after the test."""
    with mic_servers.space(neo4j_server) as name:
        yield name


@pytest.fixture(scope="session")
def opa_server(pytestconfig: pytest.Config, mic_servers: Supervisor) -> Server:
    """The Data and Policy API of OPA: `$MIC_TEST_OPA_URL`, else `opa` of PATH, else a stand-in.

    The stand-in, of the extra `opa`, evaluates real Rego with `regopy`.
    """
    return _server(pytestconfig, mic_servers, "opa")


@pytest.fixture(scope="session")
def openfga_server(pytestconfig: pytest.Config, mic_servers: Supervisor) -> Server:
    """OpenFGA's HTTP API: `$MIC_TEST_OPENFGA_URL`, else `openfga` of PATH, else a fake.

    The fake, of the extra `openfga`, knows stores, models, Write, Check, BatchCheck, ListObjects.
    """
    return _server(pytestconfig, mic_servers, "openfga")


@pytest.fixture(scope="session")
def otlp_collector(pytestconfig: pytest.Config, mic_servers: Supervisor) -> Server:
    """A collector of OTLP/HTTP that keeps what it got; of the extra `otlp`.

    `mic.testing.servers.otlp.received(otlp_collector)` gives it back.
    """
    return _server(pytestconfig, mic_servers, "otlp")


@pytest.fixture(scope="session")
def browser_process(pytestconfig: pytest.Config, mic_servers: Supervisor) -> Server:
    """Chromium without a window: `$MIC_TEST_BROWSER_URL`, else of PATH; `url` speaks CDP.

    It reaches 127.0.0.1 and nothing else. Coroutine tests connect to it with Playwright's
    asynchronous interface; others ask for `browser`.
    """
    return _server(pytestconfig, mic_servers, "browser")


@pytest.fixture
def browser(browser_process: Server, mic_servers: Supervisor) -> Iterator[Browser]:
    """A browser of Playwright, of the extra `browser`: `page = browser.new_page()`.

    For synchronous tests. Pages share nothing with those of other tests, and are closed after the
    test.
    """
    from mic.testing.servers._browser import open_browser

    with open_browser(browser_process, mic_servers.scratch("playwright")) as opened:
        yield opened
