"""Settings, and text within limits."""

from typing import Any

import pytest

from mic.redaction import (
    RedactionPolicy,
    ValuePattern,
    error_counts,
    redact_drop,
    redact_hash,
    redact_mask,
)

PEM = "-----BEGIN PRIVATE KEY-----\n" + "canary\n" * 400 + "-----END PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("wrong", "match"),
    [
        ({"message_args": "keep"}, "message_args must be 'scan' or 'drop'"),
        ({"max_depth": -1}, "max_depth must be between 0 and 64"),
        ({"max_depth": 65}, "max_depth must be between 0 and 64"),
        ({"max_items": 0}, "max_items and max_text must be at least 1"),
        ({"max_text": 0}, "max_items and max_text must be at least 1"),
        ({"hash_key": b""}, "hash_key must have 1 to 64 bytes"),
        ({"hash_key": b"k", "hash_key_id": ":"}, "hash_key_id must be"),
    ],
)
def test_settings_out_of_range_are_refused(wrong: dict[str, Any], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        RedactionPolicy(**wrong)


def test_the_bounds_themselves_are_allowed() -> None:
    RedactionPolicy(max_depth=0, max_items=1, max_text=1, hash_key=b"k" * 64)
    policy = RedactionPolicy(max_depth=64, message_args="drop")
    assert policy.message_args == "drop"
    assert RedactionPolicy().message_args == "scan"


def test_a_long_text_is_cut_and_marked() -> None:
    policy = RedactionPolicy(max_text=100)
    assert policy.apply_text("a" * 100) == "a" * 100
    assert policy.apply_text("a" * 101) == "a" * 100 + "[TRUNCATED]"
    assert policy.apply_text("a b " * 3_000_000) == "a b " * 25 + "[TRUNCATED]"


@pytest.mark.parametrize("length", range(96, 125))
def test_a_cut_text_is_not_cut_again(length: int) -> None:
    policy = RedactionPolicy(max_text=100)
    once = policy.apply_text("ab" * length)
    assert policy.apply_text(once) == once


def test_what_fits_once_it_is_redacted_is_not_marked() -> None:
    policy = RedactionPolicy(max_text=100)
    assert policy.apply_text("password=" + "p" * 200 + " end") == "password=[REDACTED] end"


def test_a_text_that_has_been_cut_below_the_limit_stays() -> None:
    policy = RedactionPolicy(max_text=100)
    once = policy.apply_text("password=" + "p" * 15 + " " + "b " * 5000)
    assert 100 - 11 < len(once) - len("[TRUNCATED]") < 100
    assert policy.apply_text(once) == once


def test_the_mark_does_not_lengthen_the_limit() -> None:
    policy = RedactionPolicy(max_text=100)
    assert policy.apply_text("b" * 200 + "[TRUNCATED]") == "b" * 100 + "[TRUNCATED]"


@pytest.mark.parametrize("before", [0, 50, 95, 99, 1000, 4000, 4190, 5000])
def test_a_secret_is_not_halved_by_the_cut(before: int) -> None:
    policy = RedactionPolicy(max_text=100)
    for text in (f"{'x' * before} {PEM} end", f"{'x ' * before}{PEM}{'y' * 9000}"):
        assert "canary" not in policy.apply_text(text)


def test_what_shrinks_does_not_let_the_unsearched_end_through() -> None:
    # Everything before the end of the window shrinks to less than the limit, so that without care
    # the half of the key at that end would be shown.
    policy = RedactionPolicy(max_text=1000)
    shrinking = "password=" + "p" * 4900 + " "
    head = shrinking + "A" * (5096 - len(shrinking) - 10) + " AKIAIOSFODNN7EXAMPLE"
    shown = policy.apply_text(head + " " * 5000)
    assert shown.endswith("[TRUNCATED]")
    assert "AKIA" not in shown
    wide = "b" * 500 + " " + "x=" * 2200 + " AKIAIOSFODNN7EXAMPLE"
    shown = policy.apply_text(wide + " " * 5000)
    assert shown.startswith("b" * 500)
    assert "AKIA" not in shown


@pytest.mark.parametrize("where", ["logs", ""])
def test_failures_yield_redacted_and_are_reported(where: str) -> None:
    told: list[str] = []

    def failing(value: Any) -> str:
        raise RuntimeError("canary")

    def invalid(value: str) -> bool:
        raise RuntimeError("canary")

    policy = RedactionPolicy({"name": failing}, on_error=told.append)
    assert policy.apply_text("name=canary", where=where) == "[REDACTED]"
    pattern = ValuePattern("x", "canary", "canary", valid=invalid)
    policy = RedactionPolicy(patterns=[pattern], on_error=told.append)
    assert policy.apply_text("canary", where=where) == "[REDACTED]"
    assert told == [where, where]


def test_failures_without_a_hook_are_counted() -> None:
    before = error_counts().get("test-compiled", 0)
    policy = RedactionPolicy({"name": lambda value: 1 / 0})
    assert policy.apply_text("name=x", where="test-compiled") == "[REDACTED]"
    assert error_counts()["test-compiled"] == before + 1


def test_text_of_any_type() -> None:
    wrong: Any = ValueError("password=x")
    assert RedactionPolicy().apply_text(wrong) == "password=[REDACTED]"
    assert RedactionPolicy().apply_text("\ud800x") == "?x"


def test_merged_settings() -> None:
    one = RedactionPolicy(
        {"a": redact_drop, "b": redact_drop},
        secret_names=["s"],
        allow_names=["x"],
        patterns=[ValuePattern("p", "one", ""), ValuePattern("q", "two", "")],
        hash_key=b"key",
        hash_key_id="k1",
        max_text=50,
    )
    told: list[str] = []
    two = RedactionPolicy(
        {"b": redact_mask, "x": redact_mask},
        secret_names=["t"],
        patterns=[ValuePattern("p", "three", "")],
        on_error=told.append,
        max_text=70,
    )
    both = one.merged(two)
    data = {"a": "v", "b": "v", "s": "v", "t": "v", "x": "v", "y": "one two three"}
    assert both.apply(data) == {
        "a": "[REDACTED]",
        "b": "***",
        "s": "[REDACTED]",
        "t": "[REDACTED]",
        "x": "***",
        "y": "one [REDACTED] [REDACTED]",
    }
    assert len(both.apply_text("z" * 100)) == 70 + len("[TRUNCATED]")
    assert len(two.merged(one).apply_text("z" * 100)) == 50 + len("[TRUNCATED]")


def test_merging_keeps_the_key_and_the_hook_that_there_are() -> None:
    told: list[str] = []
    one = RedactionPolicy(hash_key=b"key", hash_key_id="k1", on_error=told.append)
    two = RedactionPolicy({"a": redact_hash, "b": lambda value: 1 / 0})
    three = RedactionPolicy({"a": redact_hash}, hash_key=b"other", hash_key_id="k3")
    merged = one.merged(two)
    assert merged.apply({"a": 1})["a"].startswith("h:k1:")
    assert merged.apply({"b": 1}, where="w") == {"b": "[REDACTED]"}
    assert told == ["w"]
    assert one.merged(three).apply({"a": 1})["a"].startswith("h:k3:")
