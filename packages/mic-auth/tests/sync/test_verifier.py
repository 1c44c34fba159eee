# Generated from async/test_verifier.py by "make unasync"; edit that file.
"""What a verifier accepts, refuses and says."""

import logging
import pickle
from collections.abc import Callable
from typing import Any

import jwt
import pytest

from mic.auth import (
    InMemoryReplayGuard,
    KeyRing,
    ServiceAuthClaims,
    ServiceAuthError,
    ServiceAuthSigner,
    ServiceAuthVerifier,
    ServiceKey,
)
from mic.model import ForbiddenError, TransientError
from mic.testing import ManualClock

CURRENT, PREVIOUS, OTHER = "c" * 32, "p" * 32, "o" * 32
RING_KEY = ServiceKey.hs256("r" * 32, kid="r1")
Forge = Callable[..., str]


def make(clock: ManualClock, **options: Any) -> ServiceAuthVerifier:
    usual: dict[str, Any] = {
        "secrets": (CURRENT, PREVIOUS),
        "audience": "stock",
        "allowed_issuers": ("orders", "billing"),
        "keys": {"billing": KeyRing([RING_KEY])},
        "time_fn": clock,
    }
    return ServiceAuthVerifier(**{**usual, **options})


def signer(clock: ManualClock, **options: Any) -> ServiceAuthSigner:
    usual: dict[str, Any] = {"secret": CURRENT, "issuer": "orders", "time_fn": clock}
    return ServiceAuthSigner(**{**usual, **options})


def code_of(verifier: ServiceAuthVerifier, token: Any) -> str:
    with pytest.raises(ServiceAuthError, match="Token verification failed") as caught:
        verifier.verify(token)
    assert caught.value.message == "Token verification failed"
    assert caught.value.details == {}
    assert caught.value.__cause__ is caught.value.__context__ is None
    return caught.value.code.removeprefix("service_auth.")


def test_a_good_token(clock: ManualClock) -> None:
    token = signer(clock).sign(
        audience="stock", subject=" Ünïcode ", scopes=["a", "b"], extra_claims={"x": [1]}
    )
    verifier = make(clock)
    for _ in range(2):  # new, and remembered
        claims = verifier.verify(token)
        assert isinstance(claims, ServiceAuthClaims)
        assert (claims.iss, claims.aud, claims.sub) == ("orders", "stock", " Ünïcode ")
        assert claims.scopes == ("a", "b")
        assert claims.extra == {"scope": "a b", "x": [1]}
        assert claims.exp - claims.iat == 3600


def test_scopes(clock: ManualClock) -> None:
    verifier = make(clock)
    token = signer(clock).sign(audience="stock", scopes=["a"])
    assert (verifier.require(token, scope="a")).scopes == ("a",)
    with pytest.raises(ForbiddenError, match="does not have the scope"):
        verifier.require(token, scope="b")
    with pytest.raises(ServiceAuthError, match="Token verification failed"):
        verifier.require("x", scope="a")


@pytest.mark.parametrize(
    ("issuer", "secret", "header"),
    [
        ("orders", CURRENT, None),
        ("orders", PREVIOUS, None),
        ("orders", PREVIOUS, {"alg": "HS256", "kid": "whatever"}),
        ("billing", "r" * 32, {"alg": "HS256", "kid": "r1", "typ": "JWT"}),
    ],
    ids=["current", "previous", "previous with a kid", "ring"],
)
@pytest.mark.parametrize(
    ("changes", "without", "code"),
    [
        ({}, None, None),
        ({"exp": 1_699_999_000}, None, "expired"),
        ({"aud": "else"}, None, "invalid_audience"),
        ({}, "exp", "missing_claim"),
        ({"iss": "nobody"}, None, "invalid_issuer"),
        ({"nbf": 1_700_000_100}, None, "not_yet_valid"),
        ({"iat": 1_700_000_100}, None, "not_yet_valid"),
        ({"scope": "*"}, None, "invalid_scope"),
        ({"jti": 7}, None, "malformed"),
        ({}, "iss", "missing_claim"),
    ],
)
def test_the_code_is_precise_for_every_key(
    clock: ManualClock,
    forge: Forge,
    issuer: str,
    secret: str,
    header: Any,
    changes: dict[str, Any],
    without: str | None,
    code: str | None,
) -> None:
    payload = {"iss": issuer, "aud": "stock", "iat": 1_699_999_900, "exp": 1_700_000_500}
    payload = {**payload, **changes}
    payload.pop(without, None)  # type: ignore[arg-type]  # `None` is no claim
    token = forge(payload, secret=secret.encode(), header=header)
    verifier = make(clock)
    if code is None:
        assert (verifier.verify(token)).iss == issuer
    else:
        assert code_of(verifier, token) == code


@pytest.mark.parametrize("token", [None, b"a.b.c", 1, "", "é.a.b", "a" * 8193])
def test_what_is_no_token(clock: ManualClock, token: Any) -> None:
    assert code_of(make(clock), token) == "invalid_token"


@pytest.mark.parametrize("token", ["a", "a.b", "a.b.c", "..", "a.b.c.d"])
def test_what_is_malformed(clock: ManualClock, token: str) -> None:
    assert code_of(make(clock), token) == "malformed"


def test_the_size_is_a_parameter(clock: ManualClock) -> None:
    token = signer(clock).sign(audience="stock")
    make(clock, max_token_bytes=len(token)).verify(token)
    assert code_of(make(clock, max_token_bytes=len(token) - 1), token) == "invalid_token"


def test_subjects(clock: ManualClock, forge: Forge) -> None:
    verifier = make(clock, require_subject=True)
    token = signer(clock).sign(audience="stock", subject=" admin ")
    assert (verifier.verify(token)).sub == " admin "
    assert code_of(verifier, signer(clock).sign(audience="stock")) == "missing_subject"
    payload = {"iss": "orders", "aud": "stock", "iat": 1_700_000_000, "exp": 1_700_000_500}
    blank = forge({**payload, "sub": " "}, secret=CURRENT.encode())
    assert code_of(verifier, blank) == "missing_subject"


def test_nothing_is_stripped_or_folded(clock: ManualClock) -> None:
    padded = signer(clock, issuer=" orders ").sign(audience=" stock ")
    verifier = make(clock, audience=" stock ", allowed_issuers=(" orders ",), keys={})
    claims = verifier.verify(padded)
    assert (claims.iss, claims.aud) == (" orders ", " stock ")
    assert code_of(make(clock), padded) == "invalid_issuer"
    token = signer(clock).sign(audience="Stock")
    assert code_of(make(clock), token) == "invalid_audience"


def test_age(clock: ManualClock) -> None:
    verifier = make(clock, max_age_seconds=60, leeway_seconds=0)
    token = signer(clock).sign(audience="stock")
    clock.advance(59)
    verifier.verify(token)
    clock.advance(1)
    assert code_of(verifier, token) == "expired"


def test_nobody_changes_what_another_holds(clock: ManualClock) -> None:
    verifier = make(clock)
    token = signer(clock).sign(audience="stock", extra_claims={"x": {"y": [1]}})
    first, second = verifier.verify(token), verifier.verify(token)
    with pytest.raises(TypeError, match="read-only"):
        first.extra["x"]["y"].append(2)
    with pytest.raises(TypeError, match="read-only"):
        first.extra["z"] = 1
    assert second.extra == {"x": {"y": [1]}}


def test_update(clock: ManualClock) -> None:
    verifier = make(clock, keys={}, allowed_issuers=("orders",))
    old, new = signer(clock), signer(clock, secret=OTHER)
    token = old.sign(audience="stock")
    verifier.verify(token)
    assert len(verifier._verified) == 1
    verifier.update(secrets=(OTHER, CURRENT))
    assert len(verifier._verified) == 0
    verifier.verify(token)
    verifier.update(secrets=(OTHER,))
    assert code_of(verifier, token) == "invalid_signature"
    verifier.verify(new.sign(audience="stock"))
    verifier.update(audience="shop")
    assert code_of(verifier, new.sign(audience="stock")) == "invalid_audience"
    verifier.verify(new.sign(audience="shop"))
    verifier.update(keys={"billing": KeyRing([RING_KEY])}, allowed_issuers=("orders", "billing"))
    ring = signer(clock, secret=None, keys=KeyRing([RING_KEY]), issuer="billing")
    assert (verifier.verify(ring.sign(audience="shop"))).iss == "billing"
    verifier.update(keys={}, allowed_issuers=("billing",))
    assert code_of(verifier, new.sign(audience="shop")) == "invalid_issuer"


def test_a_refused_update_changes_nothing(clock: ManualClock) -> None:
    verifier = make(clock)
    token = signer(clock).sign(audience="stock")
    changes: tuple[dict[str, Any], ...] = (
        {"secrets": ("weak",)},
        {"secrets": ()},
        {"audience": ""},
        {"allowed_issuers": ()},
        {"keys": {"nobody": KeyRing([])}},
        {"audience": "else", "secrets": ("weak",)},
    )
    for change in changes:
        with pytest.raises(ValueError, match="ServiceAuthVerifier: "):
            verifier.update(**change)
    verifier.verify(token)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"secrets": ("weak",)}, r"secrets\[0\] must have at least 32 bytes"),
        ({"secrets": ("",), "allow_weak_secret": True}, r"secrets\[0\] must not be empty"),
        ({"audience": " "}, "audience must not be empty or blank"),
        ({"allowed_issuers": None}, "allowed_issuers is required with secrets"),
        ({"leeway_seconds": -1}, "leeway_seconds must be at least 0"),
        ({"max_age_seconds": 0}, "max_age_seconds must be at least 1"),
        ({"cache_size": -1}, "cache_size must be at least 0"),
        ({"max_token_bytes": 0}, "max_token_bytes must be at least 1"),
        ({"keys": {"": KeyRing([])}}, "keys must not be empty or blank"),
        ({"keys": {"nobody": KeyRing([])}}, "an issuer that is not in allowed_issuers"),
        ({"secrets": ()}, "allowed_issuers holds an issuer without keys"),
        ({"secrets": (), "keys": None}, "secrets or keys must be given"),
    ],
)
def test_the_constructor_refuses(clock: ManualClock, options: dict[str, Any], match: str) -> None:
    with pytest.raises(ValueError, match=f"ServiceAuthVerifier: .*{match}"):
        make(clock, **options)


@pytest.mark.parametrize(
    "options", [{"keys": {"billing": object()}}, {"revocations": 1}, {"replay_guard": object()}]
)
def test_collaborators_of_another_kind(clock: ManualClock, options: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="needs the method"):
        make(clock, **options)


def test_a_weak_secret_for_tests(clock: ManualClock) -> None:
    verifier = make(clock, secrets=("weak",), allow_weak_secret=True)
    token = signer(clock, secret="weak", allow_weak_secret=True).sign(audience="stock")
    verifier.verify(token)
    verifier.update(secrets=("weak too",))


class Revoked:
    """Says what it is told to say about every token."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.asked = 0

    def is_revoked(self, claims: ServiceAuthClaims) -> Any:
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class Guard:
    """Remembers what it was asked."""

    performs_io = False

    def __init__(self) -> None:
        self.asked: list[tuple[str | None, int]] = []

    def claim(self, claims: ServiceAuthClaims, *, ttl_seconds: int) -> bool:
        self.asked.append((claims.jti, ttl_seconds))
        return len(self.asked) == 1


def test_revocation_is_asked_about_every_time(clock: ManualClock) -> None:
    revoked = Revoked(False)
    verifier = make(clock, revocations=revoked)
    token = signer(clock).sign(audience="stock")
    for asked in (1, 2, 3):
        verifier.verify(token)
        assert revoked.asked == asked
    revoked.answer = True
    assert code_of(verifier, token) == "revoked"
    revoked.answer = OSError("down")
    with pytest.raises(TransientError, match="revoked can not be told") as caught:
        verifier.verify(token)
    assert caught.value.http_status_code == 503
    assert code_of(verifier, token + "x") != "revoked"
    assert revoked.asked == 5


def test_replay_is_asked_about_last(clock: ManualClock) -> None:
    revoked, guard = Revoked(True), Guard()
    verifier = make(clock, revocations=revoked, replay_guard=guard)
    token = signer(clock).sign(audience="stock", jti="once", ttl_seconds=100)
    assert code_of(verifier, token) == "revoked"
    assert guard.asked == []
    revoked.answer = False
    clock.advance(0.5)
    verifier.verify(token)
    assert guard.asked == [("once", 130)]
    assert code_of(verifier, token) == "replayed"


def test_the_last_second_still_has_a_lifetime(clock: ManualClock) -> None:
    guard = Guard()
    verifier = make(clock, replay_guard=guard, leeway_seconds=0)
    token = signer(clock).sign(audience="stock", jti="once", ttl_seconds=100)
    clock.advance(99.5)
    verifier.verify(token)
    assert guard.asked == [("once", 1)]


def test_an_id_is_needed_with_state(clock: ManualClock, forge: Forge) -> None:
    payload = {"iss": "orders", "aud": "stock", "iat": 1_700_000_000, "exp": 1_700_000_500}
    token = forge(payload, secret=CURRENT.encode())
    make(clock).verify(token)
    guarded = make(clock, replay_guard=InMemoryReplayGuard(time_fn=clock))
    assert code_of(guarded, token) == "missing_claim"
    revoking = make(clock, revocations=Revoked(False))
    assert code_of(revoking, token) == "missing_claim"


def test_a_guard_in_memory(clock: ManualClock) -> None:
    guard = InMemoryReplayGuard(max_entries=1, time_fn=clock)
    verifier = make(clock, replay_guard=guard)
    token = signer(clock).sign(audience="stock")
    verifier.verify(token)
    assert code_of(verifier, token) == "replayed"
    with pytest.raises(TransientError, match="presented before can not be told"):
        verifier.verify(signer(clock).sign(audience="stock"))


def test_who_performs_io(clock: ManualClock) -> None:
    assert not make(clock).performs_io
    assert not make(clock, replay_guard=InMemoryReplayGuard()).performs_io
    assert not make(clock, replay_guard=Guard()).performs_io
    assert make(clock, revocations=Revoked(False)).performs_io


class Source:
    """A key source of somebody else."""

    version = 0

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def candidates(self, kid: str | None) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def test_a_source_that_can_not_tell(clock: ManualClock) -> None:
    ring = signer(clock, secret=None, keys=KeyRing([RING_KEY]), issuer="billing")
    source = Source(OSError("down"))
    verifier = make(clock, keys={"billing": source})
    token = ring.sign(audience="stock")
    assert verifier.performs_io
    with pytest.raises(TransientError, match="keys of the issuer are not available"):
        verifier.verify(token)
    source.answer = ()
    assert code_of(verifier, token) == "unknown_key"
    source.answer = (RING_KEY,)
    verifier.verify(token)


def test_the_clock_is_read_after_the_keys_came(clock: ManualClock) -> None:
    class Slow:
        version = 0

        def candidates(self, kid: str | None) -> tuple[ServiceKey, ...]:
            clock.advance(50)
            return (RING_KEY,)

    ring = signer(clock, secret=None, keys=KeyRing([RING_KEY]), issuer="billing")
    verifier = make(clock, keys={"billing": Slow()}, leeway_seconds=0)
    assert code_of(verifier, ring.sign(audience="stock", ttl_seconds=50)) == "expired"


def test_tokens_that_pyjwt_wrote(clock: ManualClock) -> None:
    eddsa, es256 = ServiceKey.generate("EdDSA"), ServiceKey.generate("ES256")
    verifier = make(clock, keys={"billing": KeyRing([RING_KEY, eddsa, es256])})
    claims = {"iss": "billing", "aud": ["x", "stock"], "iat": 1_700_000_000, "exp": 1_700_000_900}
    plain = jwt.encode({**claims, "iss": "orders"}, CURRENT, algorithm="HS256")
    assert (verifier.verify(plain)).aud == "stock"
    for key in (eddsa, es256):
        token = jwt.encode(
            claims, key.to_pem().decode(), algorithm=key.algorithm, headers={"kid": key.kid}
        )
        assert (verifier.verify(token)).iss == "billing"


def test_the_log(clock: ManualClock, caplog: pytest.LogCaptureFixture) -> None:
    verifier = make(clock)
    token = signer(clock).sign(audience="else")
    code_of(verifier, token)
    code_of(verifier, signer(clock, issuer="nobody-secret").sign(audience="stock"))
    assert [record.getMessage() for record in caplog.records] == [
        "a token was refused: service_auth.invalid_audience, issuer orders",
        "a token was refused: service_auth.invalid_issuer, issuer -",
    ]


def test_bad_tokens_do_not_flood_the_log(
    clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    verifier = make(clock)
    for number in range(2000):
        code_of(verifier, f"{number}.b.c")
        clock.advance(0.0005)
    assert len(caplog.records) <= 11
    clock.advance(1)
    code_of(verifier, "a.b.c")
    assert "1990 more tokens were refused before" in caplog.text


def test_nothing_shows_tokens_or_secrets(
    clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = "a-canary-that-must-not-be-seen-anywhere"
    verifier = make(clock, secrets=(secret,))
    good = signer(clock, secret=secret).sign(audience="stock")
    verifier.verify(good)
    shown = [repr(verifier), str(vars(verifier))]
    for token in (good[:-5], good + "x.y", "canary" + good, good.replace(".", "")):
        with pytest.raises(ServiceAuthError, match="Token verification failed") as caught:
            verifier.verify(token)
        shown += [repr(caught.value), str(caught.value.to_problem()), str(vars(caught.value))]
    shown += [record.getMessage() for record in caplog.records]
    parts = {part for part in good.split(".") if len(part) > 8}
    assert not [text for text in shown if secret in text or any(part in text for part in parts)]
    with pytest.raises(TypeError, match="pickle"):
        pickle.dumps(verifier)
