"""`mic.http.middleware.rate_limit`: who is counted, and what happens then."""

import threading
from dataclasses import dataclass
from typing import Any

import pytest

from mic.http.middleware import RateLimitMiddleware
from mic.http.middleware.rate_limit import Once
from mic.model import TransientError


@dataclass
class Decision:
    """What a limiter gives."""

    allowed: bool
    retry_after_seconds: Any = 1.4


class Limiter:
    """Remembers whom it counted, and always decides the same."""

    def __init__(self, outcome: Any = None, *, nonblocking: bool = True) -> None:
        self.outcome = outcome or Decision(True)
        self.nonblocking = nonblocking
        self.seen: list[str] = []
        self.thread: int | None = None

    def try_consume(self, identity: str, /) -> Any:
        self.thread = threading.get_ident()
        self.seen.append(identity)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


async def ok(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def limited(limiter: Limiter, **options: Any) -> RateLimitMiddleware:
    public = frozenset({"/health"})
    return RateLimitMiddleware(ok, limiter=limiter, public_paths=public, **options)


async def identity(call: Any, *lines: str, peer: Any = "10.0.0.1", **options: Any) -> str:
    limiter = Limiter()
    client = None if peer is None else (peer, 1)
    headers = [("x-forwarded-for", line) for line in lines]
    await call(limited(limiter, **options), "GET", "/x", headers=headers, scope={"client": client})
    (seen,) = limiter.seen
    return seen


async def test_within_the_limit_the_request_passes(call: Any) -> None:
    assert (await call(limited(Limiter()), "GET", "/x")).status == 204


async def test_over_the_limit_it_is_a_429(call: Any) -> None:
    reply = await call(limited(Limiter(Decision(False))), "GET", "/x")
    body = reply.json()
    assert reply.status == 429
    assert (body["code"], body["message"]) == ("rate_limit_exceeded", "request rate exceeded")
    assert (body["retry_after_seconds"], reply.header("retry-after")) == (2, "2")


@pytest.mark.parametrize("seconds", [None, "soon", float("inf"), float("nan"), -1])
async def test_without_a_usable_delay_none_is_sent(call: Any, seconds: Any) -> None:
    reply = await call(limited(Limiter(Decision(False, seconds))), "GET", "/x")
    assert reply.status == 429
    assert reply.header("retry-after") is None


async def test_no_delay_is_a_second(call: Any) -> None:
    reply = await call(limited(Limiter(Decision(False, 0))), "GET", "/x")
    assert reply.header("retry-after") == "1"


async def test_a_decision_without_a_delay(call: Any) -> None:
    class Bare:
        """Only says no."""

        allowed = False

    reply = await call(limited(Limiter(Bare())), "GET", "/x")
    assert (reply.status, reply.header("retry-after")) == (429, None)


async def test_public_paths_and_websockets_are_not_counted(call: Any, open_websocket: Any) -> None:
    limiter = Limiter(Decision(False))
    assert (await call(limited(limiter), "GET", "/health")).status == 204
    assert (await call(limited(limiter), "GET", "/health/")).status == 429
    reached = await open_websocket(limited(limiter), "/x")
    assert reached[0]["type"] == "http.response.start"
    assert len(limiter.seen) == 1


class TestIdentity:
    async def test_behind_a_trusted_proxy_it_is_what_that_proxy_wrote(self, call: Any) -> None:
        assert await identity(call, "6.6.6.6, 192.0.2.9") == "192.0.2.9"
        assert await identity(call, "6.6.6.6", "192.0.2.9") == "192.0.2.9"
        assert await identity(call, "192.0.2.9:1234") == "192.0.2.9"

    async def test_an_untrusted_peer_is_itself(self, call: Any) -> None:
        assert await identity(call, "6.6.6.6", peer="192.0.2.1") == "192.0.2.1"
        assert await identity(call, "6.6.6.6", trusted_proxies=()) == "10.0.0.1"

    async def test_each_proxy_of_one_s_own_adds_a_hop(self, call: Any) -> None:
        line = "6.6.6.6, 192.0.2.9, 10.0.0.2"
        assert await identity(call, line, trusted_proxy_count=2) == "192.0.2.9"
        assert await identity(call, line, trusted_proxy_count=0) == "10.0.0.1"
        assert await identity(call, "6.6.6.6", trusted_proxy_count=2) == "10.0.0.1"

    @pytest.mark.parametrize("line", ["", "unknown", "6.6.6.6, _x", "6.6.6.6, a b"])
    async def test_what_is_no_address_is_nobody_s_choice(self, call: Any, line: str) -> None:
        assert await identity(call, line) == "10.0.0.1"

    async def test_without_a_header_or_a_peer(self, call: Any) -> None:
        assert await identity(call) == "10.0.0.1"
        assert await identity(call, peer=None) == "unknown"
        unix = await identity(call, "192.0.2.9", peer=None, trusted_proxies=("unix",))
        assert unix == "192.0.2.9"


async def test_a_limiter_that_can_not_tell_lets_pass_and_is_logged_once(
    call: Any, caplog: pytest.LogCaptureFixture
) -> None:
    middleware = limited(Limiter(TransientError(message="down")))
    for _ in range(3):
        assert (await call(middleware, "GET", "/x")).status == 204
    (record,) = caplog.records
    assert "can not tell" in record.getMessage()


async def test_a_fault_of_the_limiter_is_a_fault(call: Any) -> None:
    with pytest.raises(KeyError, match="bug"):
        await call(limited(Limiter(KeyError("bug"))), "GET", "/x")


async def test_only_a_limiter_that_does_not_wait_runs_on_the_loop(call: Any) -> None:
    blocking, quick = Limiter(nonblocking=False), Limiter()
    await call(limited(blocking), "GET", "/x")
    await call(limited(quick), "GET", "/x")
    assert blocking.thread not in (None, threading.get_ident())
    assert quick.thread == threading.get_ident()


async def test_a_limiter_that_says_nothing_runs_in_a_thread(call: Any) -> None:
    class Plain:
        """Without a mark."""

        thread: int | None = None

        def try_consume(self, identity: str, /) -> Decision:
            self.thread = threading.get_ident()
            return Decision(True)

    limiter = Plain()
    middleware = RateLimitMiddleware(ok, limiter=limiter, public_paths=frozenset())
    await call(middleware, "GET", "/x")
    assert limiter.thread not in (None, threading.get_ident())


async def test_an_asynchronous_limiter_is_awaited(call: Any) -> None:
    class AsyncLimiter:
        """Says no."""

        async def try_consume(self, identity: str, /) -> Decision:
            return Decision(False)

    middleware = RateLimitMiddleware(ok, limiter=AsyncLimiter(), public_paths=frozenset())
    assert (await call(middleware, "GET", "/x")).status == 429


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"trusted_proxy_count": -1}, ValueError, "at least 0"),
        ({"trusted_proxies": ("nowhere",)}, ValueError, "nowhere"),
        ({"trusted_proxies": "10.0.0.0/8"}, TypeError, "not one string"),
    ],
)
def test_refuses_options_that_mean_nothing(
    options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        limited(Limiter(), **options)


def test_once_in_a_period() -> None:
    now = 100.0
    once = Once(60.0, time_fn=lambda: now)
    assert once()
    now = 159.0
    assert not once()
    now = 160.0
    assert once()
