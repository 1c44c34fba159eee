"""What a client sends, what it gives back, and how it ends."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from mic.client import AsyncServiceHttpClient, HttpRetryPolicy
from mic.http import CorrelationStart
from mic.http.context import bind
from mic.model import DomainError, UnauthorizedError
from mic.testing import FakeSigner, ManualClock, ScriptedHttpServer
from mic.testing.scripted_http import reply

Make = Callable[..., AsyncServiceHttpClient]


async def test_a_call_is_signed_and_bounded(make: Make, upstream: Any, signer: FakeSigner) -> None:
    client = make()
    answer = await client.get("items", params={"page": 2}, subject="user-1", scopes=["items:read"])
    assert answer.json() == {"ok": True}
    assert answer.is_closed
    request = upstream.requests[0]
    assert (request.method, str(request.url)) == ("GET", "http://stock.example/v1/items?page=2")
    assert request.headers["authorization"] == "Bearer fake-token.stock.user-1"
    assert request.headers["x-request-timeout-ms"] == "10000"
    assert [(each.audience, each.subject, each.scopes) for each in signer.asked] == [
        ("stock", "user-1", ("items:read",))
    ]


@pytest.mark.parametrize("method", ["get", "head", "post", "put", "patch", "delete"])
async def test_every_method(make: Make, upstream: Any, method: str) -> None:
    assert (await getattr(make(), method)("/items")).status_code == 200
    assert upstream.requests[0].method == method.upper()


async def test_a_method_in_any_case(make: Make, upstream: Any) -> None:
    await make().request("options", "/items")
    assert upstream.requests[0].method == "OPTIONS"


async def test_a_signer_that_only_signs(make: Make, upstream: Any) -> None:
    asked: list[dict[str, Any]] = []

    class Signer:
        def sign(self, **what: Any) -> str:
            asked.append(what)
            return "signed"

    client = make(signer=Signer())
    await client.get("/items", subject="user-1")
    await client.get("/items", scopes=("items:read",))
    assert upstream.sent("authorization") == ["Bearer signed"] * 2
    assert asked == [
        {"audience": "stock", "subject": "user-1"},
        {"audience": "stock", "subject": None, "scopes": ("items:read",)},
    ]


async def test_a_signer_that_fails_sends_nothing(make: Make, upstream: Any) -> None:
    failure = UnauthorizedError(message="no key")
    with pytest.raises(UnauthorizedError, match="no key") as caught:
        await make(signer=FakeSigner(failure)).get("/items")
    assert caught.value is failure
    assert upstream.count == 0


async def test_what_travels_on(make: Make, upstream: Any) -> None:
    def propagate(headers: Any) -> None:
        headers["TraceParent"] = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
        headers["Authorization"] = "Bearer stolen"

    with bind(correlation=CorrelationStart("correlation", "request", 0.0)):
        await make(propagate=propagate).get("/items")
    headers = upstream.requests[0].headers
    assert headers["x-correlation-id"] == "correlation"
    assert headers["traceparent"].startswith("00-aaaa")
    assert headers["authorization"] == "Bearer fake-token.stock.nobody"
    assert "x-request-id" not in headers


@pytest.mark.parametrize(
    "given",
    [
        {
            "authorization": "Bearer stolen",
            "IDEMPOTENCY-KEY": "theirs",
            "x-correlation-id": "their-correlation",
            "x-request-timeout-ms": "7",
            "x-other": "1",
        },
        [
            (b"AUTHORIZATION", b"Bearer stolen"),
            (b"idempotency-key", b"theirs"),
            (b"X-Correlation-ID", b"their-correlation"),
            (b"X-Request-Timeout-MS", b"7"),
            (b"x-other", b"1"),
        ],
    ],
    ids=["mapping", "pairs"],
)
async def test_the_headers_of_the_caller_on_the_wire(
    raw_server: Any, signer: FakeSigner, given: Any
) -> None:
    client = AsyncServiceHttpClient(
        base_url=raw_server.url,
        audience="stock",
        signer=signer,
        idempotency_key_factory=lambda: "ours",
    )
    with bind(correlation=CorrelationStart("ours", "request", 0.0)):
        await client.post("/items", json={}, headers=given, idempotency_key="ours")
        await client.post("/items", json={})
    await client.aclose()
    theirs, ours = raw_server.heads
    for head in (theirs, ours):
        names = [name for name, _ in head]
        assert len(names) == len(set(names))
    assert dict(theirs)["authorization"] == "Bearer fake-token.stock.nobody"
    assert dict(theirs)["idempotency-key"] == "theirs"
    assert dict(theirs)["x-correlation-id"] == "their-correlation"
    assert dict(theirs)["x-request-timeout-ms"] == "7"
    assert dict(theirs)["x-other"] == "1"
    assert dict(ours)["idempotency-key"] == "ours"
    assert dict(ours)["x-correlation-id"] == "ours"
    assert 9_000 < int(dict(ours)["x-request-timeout-ms"]) <= 10_000


async def test_no_timeout_header(make: Make, upstream: Any) -> None:
    await make(timeout_header=None).get("/items")
    assert "x-request-timeout-ms" not in upstream.requests[0].headers


async def test_idempotency_keys(make: Make, upstream: Any) -> None:
    made = iter("abc")
    client = make(idempotency_key_factory=lambda: next(made))
    await client.post("/items")
    await client.get("/items")
    await client.delete("/items", idempotency_key="given")
    await client.patch("/items")
    assert upstream.sent("idempotency-key") == ["a", "", "given", "b"]


async def test_a_client_that_was_given_stays_as_it_is(
    make: Make, upstream: Any, clock: ManualClock
) -> None:
    given = httpx.AsyncClient(
        transport=httpx.MockTransport(upstream),
        base_url="http://elsewhere.example/",
        auth=("user", "password"),
        headers={"x-default": "1"},
        cookies={"theirs": "1"},
    )
    client = make(client=given)
    assert client.native is given
    async with client:
        await client.get("items")
    request = upstream.requests[0]
    assert str(request.url) == "http://stock.example/v1/items"
    assert request.headers["authorization"].startswith("Bearer ")
    assert request.headers["x-default"] == "1"
    assert request.headers["cookie"] == "theirs=1"
    assert not given.is_closed
    assert str(given.base_url) == "http://elsewhere.example/"


async def test_after_the_end(make: Make, upstream: Any) -> None:
    client = make()
    await client.aclose()
    await client.aclose()
    with pytest.raises(RuntimeError, match="ServiceHttpClient has been closed"):
        await client.get("/items")
    with pytest.raises(RuntimeError, match="ServiceHttpClient has been closed"):
        await client.stream("GET", "/items").__aenter__()
    assert upstream.count == 0


async def test_a_given_client_that_its_owner_closed(make: Make, upstream: Any) -> None:
    given = httpx.AsyncClient(transport=httpx.MockTransport(upstream))
    await given.aclose()
    with pytest.raises(RuntimeError, match="closed"):
        await make(client=given).get("/items")


async def test_our_own_client(server: ScriptedHttpServer, signer: FakeSigner) -> None:
    server.script(reply(200, b"{}", headers={"set-cookie": "session=user-1; Path=/"}))
    client = AsyncServiceHttpClient(base_url=server.url, audience="stock", signer=signer)
    async with client:
        answer = await client.get("/items")
        await client.get("/items")
    assert answer.cookies == {"session": "user-1"}
    assert "cookie" not in server.requests[1].headers
    assert client.native.is_closed
    with pytest.raises(RuntimeError, match="closed"):
        await client.get("/items")


async def test_what_is_misused(make: Make, upstream: Any) -> None:
    client = make()
    for wrong in ({"auth": ("a", "b")}, {"unknown": 1}):
        with pytest.raises(TypeError, match="unexpected keyword argument"):
            await client.get("/items", **wrong)
    with pytest.raises(ValueError, match="total_timeout_seconds must be above 0"):
        await client.get("/items", total_timeout_seconds=0)
    with pytest.raises(ValueError, match="extensions must not hold target"):
        await client.get("/items", extensions={"target": b"/admin"})
    with pytest.raises(TypeError, match="request_as always raises"):
        await client.request_as(dict, "GET", "/items", raise_for_status=False)
    assert upstream.count == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"headers": {"x-a": "1\r\nx-b: 2"}},
        {"headers": {"x-a": "é☃"}},
        {"idempotency_key": "a\nb"},
        {"idempotency_key": ""},
        {"params": {"a": "1"}, "headers": {"x\n": "1"}},
    ],
)
async def test_what_cannot_be_sent(
    make: Make, upstream: Any, signer: FakeSigner, wrong: Any
) -> None:
    with pytest.raises(DomainError, match="the request has") as caught:
        await make().get("/items", **wrong)
    assert (caught.value.code, caught.value.http_status_code) == ("client.invalid_request", 400)
    assert (upstream.count, len(signer.asked)) == (0, 0)


async def test_extensions_go_on(make: Make, upstream: Any) -> None:
    await make().get("/items", extensions={"sni_hostname": "other"})
    assert upstream.requests[0].extensions["sni_hostname"] == "other"


async def test_repr_shows_no_secret(make: Make) -> None:
    assert repr(make()).endswith("ServiceHttpClient(origin='http://stock.example')")


async def test_an_observer_is_told_of_each_attempt(
    make: Make, upstream: Any, clock: ManualClock
) -> None:
    seen: list[tuple[Any, ...]] = []

    class Observer:
        def attempt(self, **facts: Any) -> None:
            seen.append(tuple(facts.values()))
            raise ValueError("watching failed")

    def slow(request: httpx.Request) -> httpx.Response:
        clock.advance(2)
        return httpx.Response(200)

    upstream.answers = [httpx.Response(503), httpx.ConnectError("refused"), slow]
    client = make(observer=Observer(), retry=HttpRetryPolicy())
    await client.get("/items/1?secret=1")
    origin = "http://stock.example"
    assert seen == [
        ("GET", origin, 1, 503, "server_error", 0.0),
        ("GET", origin, 2, None, "network", 0.0),
        ("GET", origin, 3, 200, "ok", 2.0),
    ]


async def test_a_failing_observer_is_logged_once(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    class Observer:
        def attempt(self, **facts: Any) -> None:
            raise ValueError("a secret")

    client = make(observer=Observer())
    await client.get("/items")
    await client.get("/items")
    assert [each.getMessage() for each in caplog.records if each.name == "mic.client"] == [
        "the observer of a client failed: ValueError"
    ]
