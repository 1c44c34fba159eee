"""Rules are ranked and remembered, within bounds."""

from typing import Any

import pytest

from mic.redaction import redact_drop, redact_hash, redact_mask
from mic.redaction._kinds import FieldPlan
from mic.redaction._rules import MAX_MEMO, Rules


def make(**changes: Any) -> Rules:
    given = {
        "fields": {"email": redact_hash},
        "allowed": {"token": redact_drop},
        "secret": {"token": redact_drop, "pin": redact_drop},
        "keyed_hash": None,
        "markers": True,
        "show_key": str.upper,
    }
    return Rules(**(given | changes))


def test_fields_go_before_allowed_and_those_before_secret() -> None:
    rules = make(allowed={"token": redact_drop, "email": redact_drop})
    assert rules.redactor_for("e-mail") is redact_hash
    assert rules.redactor_for("token") is None
    assert rules.redactor_for("PIN") is redact_drop
    assert rules.redactor_for("other") is None
    assert rules.rule_of("email", "") == ("EMAIL", redact_hash, True, "")
    assert rules.rule_of("pin", "") == ("PIN", redact_drop, False, "")


def test_the_path_is_built_only_when_a_rule_needs_it() -> None:
    assert make().rule_of("b", "")[3] == ""
    rules = make(fields={"a.b": redact_mask})
    assert rules.rule_of("A_", "") == ("A_", None, False, "a")
    assert rules.rule_of("B", "a") == ("B", redact_mask, True, "a.b")


@pytest.mark.parametrize(
    ("key", "shown"), [(5, "5"), (None, "NONE"), (b"pin", "PIN"), (("a",), "('A',)")]
)
def test_keys_of_any_type(key: Any, shown: str) -> None:
    rules = make()
    shown_key, redactor, _, _ = rules.rule_of(key, "")
    assert shown_key == shown
    assert redactor is (redact_drop if key == b"pin" else None)
    assert rules.known("") == {}


def test_lookups_are_remembered() -> None:
    rules = make()
    assert rules.known("") == {}
    rule = rules.rule_of("email", "")
    assert rules.known("")["email"] is rule
    rules.rule_of("x" * 257, "")
    assert list(rules.known("")) == ["email"]


def test_memory_is_bounded() -> None:
    rules = make(fields={"a.b": redact_mask})
    for number in range(3 * MAX_MEMO):
        rules.rule_of(f"key-{number}", f"path-{number % 7}")
        rules.redactor_for(f"name-{number}")
        held = sum(len(rules.known(f"path-{path}")) for path in range(7))
        assert held <= MAX_MEMO
        assert len(rules._seen) <= MAX_MEMO
    rules.redactor_for("y" * 300)
    assert "y" * 300 not in rules._seen
    assert rules.redactor_for("b") is None
    assert rules.redactor_for("a.b") is redact_mask


def test_the_keyed_hash_takes_the_place_of_the_other() -> None:
    rules = make(keyed_hash=redact_mask)
    assert rules.redactor_for("email") is redact_mask
    assert rules.effective(redact_drop) is redact_drop
    assert make().effective(redact_hash) is redact_hash


@pytest.mark.parametrize(
    ("plan", "redactor"),
    [
        (FieldPlan("email", "email", redact_mask), redact_hash),
        (FieldPlan("pin", "pin", redact_mask), redact_mask),
        (FieldPlan("token", "token", redact_mask), redact_mask),
        (FieldPlan("other", "other", redact_mask), redact_mask),
        (FieldPlan("other", "email", redact_mask), redact_hash),
        (FieldPlan("other", "email", None), redact_hash),
        (FieldPlan("other", "pin", None), redact_drop),
        (FieldPlan("pin", "email", None), redact_hash),
        (FieldPlan("pin", "other", None), redact_drop),
        (FieldPlan("email", "pin", None), redact_hash),
        (FieldPlan("other", "another", None), None),
    ],
)
def test_the_rule_of_a_field(plan: FieldPlan, redactor: Any) -> None:
    rules = make()
    shown, found, _, _ = rules.field_rule_of(plan, "")
    assert (shown, found) == (plan.name.upper(), redactor)
    assert rules.field_rule_of(plan, "")[1] is redactor


def test_markers_can_be_ignored() -> None:
    plan = FieldPlan("other", "other", redact_mask)
    assert make(markers=False).field_rule_of(plan, "")[1] is None
    assert (
        make(keyed_hash=redact_drop).field_rule_of(plan._replace(marker=redact_hash), "")[1]
        is redact_drop
    )
