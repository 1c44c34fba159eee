from collections.abc import Callable
from typing import Any

import pytest

from mic.auth import ServiceAuthClaims
from mic.auth._revocation_records import (
    Absences,
    Names,
    epoch_record,
    is_since,
    read,
    read_many,
    remaining,
)
from mic.model import TransientError
from mic.testing import ManualClock

NAMES = Names("R", "jti:", "sub:")
Claims = Callable[..., ServiceAuthClaims]


def test_names(claims_of: Claims) -> None:
    assert NAMES.of_token("a") == "jti:a"
    assert NAMES.of_subject("a") == "sub:a"
    assert NAMES.of_claims(claims_of()) == ("jti:token-1", "sub:user-1")
    assert NAMES.of_claims(claims_of(sub=None, jti=None)) == (None, None)
    with pytest.raises(ValueError, match="R: jti must not be empty"):
        NAMES.of_token("")
    with pytest.raises(ValueError, match="R: subject must have at most 256"):
        NAMES.of_subject("a\n")


def test_times(claims_of: Claims) -> None:
    assert epoch_record(1700000000.9) == b"1700000000"
    assert remaining(claims_of(exp=100), 50.5, 30, "R") == 80
    assert remaining(claims_of(exp=100), 130, 30, "R") == 0
    with pytest.raises(ValueError, match=r"R\.revoke: leeway_seconds must be at least 0"):
        remaining(claims_of(), 0, -1, "R")


def test_records() -> None:
    assert read(None) is None
    assert read(b"1") == b"1"
    assert read("1") == b"1"
    assert read_many({"a": b"1", "c": b"2"}, ["a", "b"]) == {"a": b"1", "b": None}
    assert not is_since(None, 5)
    assert is_since(b"5", 5)
    assert is_since(b"5", 4)
    assert not is_since(b"5", 6)


@pytest.mark.parametrize("record", [1, True, [b"1"], object()])
def test_what_is_no_record(record: object) -> None:
    with pytest.raises(TransientError, match="revoked can not be told"):
        read(record)
    with pytest.raises(TransientError, match="revoked can not be told"):
        read_many({"a": record}, ["a"])
    with pytest.raises(TransientError, match="revoked can not be told"):
        read_many(record, ["a"])


@pytest.mark.parametrize("record", [b"", b"x", b"-1", b"1.5", b" 1", b"1\n", b"9" * 17, b"\xff"])
def test_what_is_no_time(record: bytes) -> None:
    with pytest.raises(TransientError, match="revoked can not be told"):
        is_since(record, 5)


def absences(clock: ManualClock, seconds: float = 5, size: int = 2) -> Absences:
    return Absences(seconds, size, clock)


def test_an_answer_is_kept_for_a_while(clock: ManualClock) -> None:
    kept = absences(clock)
    assert not kept.has("q")
    kept.keep("q", clock(), kept.writes)
    assert kept.has("q")
    clock.advance(4.9)
    assert kept.has("q")
    clock.advance(0.1)
    assert not kept.has("q")


def test_an_answer_from_the_future_is_none(clock: ManualClock) -> None:
    kept = absences(clock)
    kept.keep("q", clock(), kept.writes)
    clock.jump(-1)
    assert not kept.has("q")


def test_a_revocation_forgets_and_what_was_asked_before_it_is_not_kept(
    clock: ManualClock,
) -> None:
    kept = absences(clock)
    kept.keep("q", clock(), kept.writes)
    before = kept.writes
    kept.forget()
    assert not kept.has("q")
    kept.keep("q", clock(), before)
    assert not kept.has("q")
    kept.keep("q", clock(), kept.writes)
    assert kept.has("q")


def test_the_bound(clock: ManualClock) -> None:
    kept = absences(clock)
    for question in ("a", "b", "a", "c"):
        kept.keep(question, clock(), kept.writes)
        assert len(kept) <= 2
    assert [kept.has(question) for question in "abc"] == [True, False, True]


@pytest.mark.parametrize("options", [{"seconds": 0}, {"size": 0}])
def test_nothing_is_kept(clock: ManualClock, options: dict[str, Any]) -> None:
    kept = absences(clock, **options)
    kept.keep("q", clock(), kept.writes)
    assert not kept.has("q")
    assert len(kept) == 0
