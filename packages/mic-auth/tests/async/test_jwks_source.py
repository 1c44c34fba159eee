"""Key sets that are fetched: what is believed, for how long, and what fetches cost."""

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from mic.auth import (
    AsyncJwksSource,
    AsyncServiceAuthVerifier,
    KeyRing,
    ServiceAuthError,
    ServiceAuthSigner,
    ServiceKey,
)
from mic.model import TransientError
from mic.testing import ManualClock

ONE, TWO = ServiceKey.generate("EdDSA"), ServiceKey.generate("ES256")
URL = "https://id.example/keys"


def document(*keys: ServiceKey) -> bytes:
    return json.dumps({"keys": [key.to_jwk() for key in keys]}).encode()


class Issuer:
    """The other end: answers with what it is told to, and counts."""

    def __init__(self) -> None:
        self.answer: Any = document(ONE)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if isinstance(self.answer, Exception):
            raise self.answer
        if isinstance(self.answer, httpx.Response):
            return self.answer
        return httpx.Response(200, content=self.answer)


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


def make(issuer: Issuer, clock: Callable[[], float], **options: Any) -> AsyncJwksSource:
    client = httpx.AsyncClient(transport=httpx.MockTransport(issuer))
    return AsyncJwksSource(URL, client=client, time_fn=clock, **options)


async def kids(source: AsyncJwksSource, kid: str | None) -> list[str]:
    return [key.kid for key in await source.candidates(kid)]


async def test_nothing_is_fetched_before_it_is_needed(issuer: Issuer, clock: ManualClock) -> None:
    source = make(issuer, clock)
    assert await kids(source, None) == []
    assert issuer.requests == []
    assert await kids(source, ONE.kid) == [ONE.kid]
    assert await kids(source, ONE.kid) == [ONE.kid]
    assert len(issuer.requests) == 1
    request = issuer.requests[0]
    assert (request.method, str(request.url)) == ("GET", URL)
    assert request.headers["accept-encoding"] == "identity"
    assert source.performs_io


async def test_a_set_is_renewed_while_it_is_served(issuer: Issuer, clock: ManualClock) -> None:
    source = make(issuer, clock)
    await kids(source, ONE.kid)
    before = source.version
    issuer.answer = document(ONE, TWO)
    clock.advance(299)
    assert await kids(source, ONE.kid) == [ONE.kid]
    assert len(issuer.requests) == 1
    clock.advance(1)
    assert await kids(source, ONE.kid) == [ONE.kid]
    assert await kids(source, TWO.kid) == [TWO.kid]
    assert len(issuer.requests) == 2
    assert source.version != before


async def test_a_key_that_is_gone_is_gone(issuer: Issuer, clock: ManualClock) -> None:
    source = make(issuer, clock)
    await kids(source, ONE.kid)
    issuer.answer = document(TWO)
    clock.advance(300)
    await kids(source, TWO.kid)
    assert await kids(source, ONE.kid) == []


@pytest.mark.parametrize(
    "answer",
    [
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
        httpx.Response(500, content=document(TWO)),
        httpx.Response(404, content=document(TWO)),
        httpx.Response(204),
        httpx.Response(302, headers={"location": "https://evil.example/keys"}),
        httpx.Response(200, headers={"content-encoding": "gzip"}, content=b""),
        b"<html>canary</html>",
        document(TWO)[:-3],
        document(TWO, TWO),
        json.dumps({"keys": [{"kty": "RSA"}] * 65}).encode(),
        b'{"keys": [' + b" " * 10_000_000 + b"]}",
        b"[" * 100_000,
    ],
)
async def test_what_is_not_acceptable_changes_nothing(
    issuer: Issuer, clock: ManualClock, caplog: pytest.LogCaptureFixture, answer: Any
) -> None:
    source = make(issuer, clock)
    await kids(source, ONE.kid)
    issuer.answer = answer
    clock.advance(300)
    assert await kids(source, ONE.kid) == [ONE.kid]
    assert await kids(source, TWO.kid) == []
    assert len(issuer.requests) == 2
    assert {request.url.host for request in issuer.requests} == {"id.example"}
    (record,) = caplog.records
    assert record.getMessage().startswith("no key set from id.example: ")
    assert "canary" not in record.getMessage()
    assert record.exc_info is None
    issuer.answer = document(TWO)
    clock.advance(30)
    await source.refresh()
    assert await kids(source, TWO.kid) == [TWO.kid]


async def test_keys_of_other_kinds_are_skipped(issuer: Issuer, clock: ManualClock) -> None:
    others = [{"kty": "oct", "kid": "o", "k": "AAAA"}, {"kty": "RSA", "kid": "r"}, ONE.to_jwk()]
    issuer.answer = json.dumps({"keys": others}).encode()
    source = make(issuer, clock)
    assert await kids(source, ONE.kid) == [ONE.kid]
    assert await kids(source, "o") == await kids(source, "r") == []


async def test_an_outage_is_not_noticed_before_the_set_is_stale(
    issuer: Issuer, clock: ManualClock
) -> None:
    source = make(issuer, clock, stale_seconds=1000)
    await kids(source, ONE.kid)
    issuer.answer = httpx.ConnectError("down")
    for _ in range(13):
        clock.advance(100)
        assert await kids(source, ONE.kid) == [ONE.kid]
    clock.advance(0.5)
    for _ in range(3):
        with pytest.raises(TransientError, match="not available") as caught:
            await source.candidates(ONE.kid)
    assert caught.value.code == "transient.jwks_unavailable"
    assert caught.value.http_status_code == 503
    issuer.answer = document(TWO)
    assert await kids(source, TWO.kid) == [TWO.kid]


async def test_a_set_that_was_never_fetched(
    issuer: Issuer, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    issuer.answer = httpx.ConnectError("down")
    source = make(issuer, clock)
    with pytest.raises(TransientError, match="not available"):
        await source.candidates(ONE.kid)
    with pytest.raises(TransientError, match="not available"):
        await source.refresh()
    assert len(issuer.requests) == 2
    assert len(caplog.records) == 1
    issuer.answer = document(ONE)
    assert await kids(source, ONE.kid) == [ONE.kid]


async def test_random_names_cause_one_fetch_a_cooldown(issuer: Issuer, clock: ManualClock) -> None:
    source = make(issuer, clock)
    await kids(source, ONE.kid)
    for _ in range(4):
        clock.advance(30)
        before = len(issuer.requests)
        for number in range(25_000):
            assert await source.candidates(f"random-{number}") == ()
        assert len(issuer.requests) == before + 1
    issuer.answer = document(ONE, TWO)
    assert await kids(source, TWO.kid) == []
    clock.advance(30)
    assert await kids(source, TWO.kid) == [TWO.kid]


async def test_an_unknown_name_during_an_outage_is_unknown(
    issuer: Issuer, clock: ManualClock
) -> None:
    source = make(issuer, clock)
    await kids(source, ONE.kid)
    issuer.answer = httpx.ConnectError("down")
    clock.advance(100)
    assert await kids(source, TWO.kid) == []


async def test_a_body_that_drips(issuer: Issuer, clock: ManualClock) -> None:
    dripped: list[int] = []

    async def drip() -> AsyncIterator[bytes]:
        for number in range(1000):
            dripped.append(number)
            clock.advance(1)
            yield b" "

    issuer.answer = httpx.Response(200, content=drip())
    with pytest.raises(TransientError, match="not available"):
        await make(issuer, clock).candidates(ONE.kid)
    assert len(dripped) == 6


async def test_a_body_without_an_end(issuer: Issuer, clock: ManualClock) -> None:
    sent: list[int] = []

    async def flood() -> AsyncIterator[bytes]:
        while True:
            sent.append(1)
            yield b" " * 1000

    issuer.answer = httpx.Response(200, content=flood())
    with pytest.raises(TransientError, match="not available"):
        await make(issuer, clock, max_bytes=10_000).candidates(ONE.kid)
    assert len(sent) <= 12


async def test_refresh(issuer: Issuer, clock: ManualClock) -> None:
    source = make(issuer, clock)
    await source.refresh()
    await source.refresh()
    assert len(issuer.requests) == 2
    assert await kids(source, ONE.kid) == [ONE.kid]


async def test_a_client_that_was_given_stays_open(issuer: Issuer, clock: ManualClock) -> None:
    client = httpx.AsyncClient(transport=httpx.MockTransport(issuer))
    async with AsyncJwksSource(URL, client=client, time_fn=clock) as source:
        await source.refresh()
    assert not client.is_closed
    await client.aclose()


async def test_a_closed_source_has_no_keys(issuer: Issuer, clock: ManualClock) -> None:
    given = httpx.AsyncClient(transport=httpx.MockTransport(issuer))
    for client in (None, given):
        source = AsyncJwksSource(URL, client=client, time_fn=clock)
        await source.aclose()
        with pytest.raises(TransientError, match="not available"):
            await source.candidates("k")
    assert issuer.requests == []
    await given.aclose()


def test_it_does_not_show_its_url(issuer: Issuer, clock: ManualClock) -> None:
    assert repr(make(issuer, clock)) == "AsyncJwksSource(host='id.example')"


@pytest.mark.parametrize(
    ("url", "options", "match"),
    [
        ("http://id.example/", {}, "url must be https"),
        (URL, {"refresh_seconds": 0}, "refresh_seconds must be finite and above 0"),
        (URL, {"algorithms": ("HS256",)}, "algorithms must be of EdDSA, ES256"),
    ],
)
def test_the_constructor_refuses(url: str, options: dict[str, Any], match: str) -> None:
    with pytest.raises(ValueError, match=f"AsyncJwksSource: {match}"):
        AsyncJwksSource(url, **options)


async def test_a_verifier_on_it(issuer: Issuer, clock: ManualClock) -> None:
    source = make(issuer, clock, stale_seconds=1000)
    verifier = AsyncServiceAuthVerifier(
        audience="stock", keys={"orders": source}, time_fn=clock, leeway_seconds=0
    )
    signer = ServiceAuthSigner(
        keys=KeyRing([ONE]), issuer="orders", time_fn=clock, token_ttl_seconds=100_000
    )
    token = signer.sign(audience="stock")
    assert verifier.performs_io
    await verifier.verify(token)  # with a set that had to be fetched first: not remembered
    first = await verifier.verify(token)
    assert await verifier.verify(token) is first
    assert len(issuer.requests) == 1
    # A verification that is remembered does not keep the source from noticing what is due.
    issuer.answer = document(TWO)
    clock.advance(300)
    await verifier.verify(token)  # unasync: drop
    await source.refresh()
    with pytest.raises(ServiceAuthError, match="Token verification failed") as caught:
        await verifier.verify(token)
    assert caught.value.code == "service_auth.unknown_key"
    issuer.answer = document(ONE)
    clock.advance(30)
    await verifier.verify(token)
    await verifier.verify(token)
    issuer.answer = httpx.ConnectError("down")
    clock.advance(1300)
    await verifier.verify(token)
    clock.advance(1)
    for _ in range(2):
        with pytest.raises(TransientError, match="not available"):
            await verifier.verify(token)


async def test_the_documented_rotation_refuses_nothing(clock: ManualClock) -> None:
    ring = KeyRing([ONE])
    served: list[tuple[float, bytes]] = []

    def cached(request: httpx.Request) -> httpx.Response:
        # A cache in between, which holds an answer as long as it may.
        if not served or clock() - served[-1][0] >= 300:
            served.append((clock(), json.dumps(ring.to_jwks()).encode()))
        return httpx.Response(200, content=served[-1][1])

    source = AsyncJwksSource(
        URL,
        client=httpx.AsyncClient(transport=httpx.MockTransport(cached)),
        time_fn=clock,
        refresh_seconds=200,
    )
    verifier = AsyncServiceAuthVerifier(audience="stock", keys={"orders": source}, time_fn=clock)
    signer = ServiceAuthSigner(keys=ring, issuer="orders", time_fn=clock, token_ttl_seconds=300)
    held: list[tuple[float, str]] = []

    async def wait(seconds: int) -> None:
        for _ in range(0, seconds, 20):
            clock.advance(20)
            held.append((clock(), signer.sign(audience="stock")))
            held[:] = [each for each in held if clock() - each[0] < 330]
            for _, token in held:
                await verifier.verify(token)

    await wait(700)
    for old, new in ((ONE, TWO), (TWO, ServiceKey.generate("EdDSA"))):
        ring.add(new)
        await wait(300 + 200)
        ring.promote(new.kid)
        await wait(300 + 30)
        ring.retire(old.kid)
        await wait(700)
