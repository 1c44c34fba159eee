"""Events are sanitized by topic."""

import dataclasses
import datetime
from typing import Any

import pytest
from pydantic import BaseModel

from mic.redaction import (
    RedactionPolicy,
    TopicRedactionPolicy,
    redact_drop,
    redact_hash,
    redact_mask,
    sanitize_payload,
)


@dataclasses.dataclass(frozen=True)
class Event:
    event_type: str
    payload: Any


POLICY = TopicRedactionPolicy(
    default={"otp_code": redact_drop, "email": redact_drop},
    per_topic={"application.received": {"email": redact_hash}},
)


def test_rules_of_the_topic_go_before_the_default() -> None:
    payload = {"email": "alice@example.com", "otp_code": "123", "nested": [{"email": "x"}]}
    event = Event("application.received", payload)
    assert sanitize_payload(event, policy=POLICY) == {
        "email": "h:fb816158887ad00a",
        "otp_code": "[REDACTED]",
        "nested": [{"email": redact_hash("x")}],
    }
    assert payload["nested"] == [{"email": "x"}]
    other = sanitize_payload(Event("other", payload), policy=POLICY)
    assert other["email"] == "[REDACTED]"


def test_an_event_is_data() -> None:
    when = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    payload = {"token": "kept", "text": "password=kept", "when": when}
    assert sanitize_payload(Event("t", payload), policy=POLICY) == payload
    assert sanitize_payload(Event("t", payload), policy=TopicRedactionPolicy()) == payload
    assert (
        sanitize_payload(Event("t", payload), policy=TopicRedactionPolicy(default=None)) == payload
    )


def test_a_policy_brings_all_that_it_has() -> None:
    payload = {"token": "x", "text": "password=y", "email": "z", "otp_code": "1"}
    full = RedactionPolicy({"email": redact_mask})
    everywhere = TopicRedactionPolicy(default=full, per_topic={"t": {"otp_code": redact_mask}})
    shown = {"token": "[REDACTED]", "text": "password=[REDACTED]", "email": "***"}
    assert sanitize_payload(Event("o", payload), policy=everywhere) == shown | {"otp_code": "1"}
    assert sanitize_payload(Event("t", payload), policy=everywhere) == shown | {"otp_code": "***"}
    topic = TopicRedactionPolicy(default={"otp_code": redact_drop}, per_topic={"t": full})
    assert sanitize_payload(Event("t", payload), policy=topic) == shown | {"otp_code": "[REDACTED]"}
    assert sanitize_payload(Event("o", payload), policy=topic)["token"] == "x"
    bare = TopicRedactionPolicy(default=None, per_topic={"t": full})
    assert sanitize_payload(Event("t", payload), policy=bare)["email"] == "***"


def test_redactors_for_a_topic() -> None:
    assert POLICY.redactors_for("other") == {"otp_code": redact_drop, "email": redact_drop}
    assert POLICY.redactors_for("application.received") == {
        "otp_code": redact_drop,
        "email": redact_hash,
    }
    assert TopicRedactionPolicy().redactors_for("t") == {}
    assert TopicRedactionPolicy(per_topic={"t": None}).redactors_for("t") == {}
    policy = RedactionPolicy()
    assert TopicRedactionPolicy(default=policy).redactors_for("t") is policy


def test_a_model_is_a_payload() -> None:
    class Order(BaseModel):
        email: str
        count: int

    event = Event("t", Order(email="a", count=2))
    assert sanitize_payload(event, policy=POLICY) == {"email": "[REDACTED]", "count": 2}


@pytest.mark.parametrize("payload", ["text", [1], None, 5])
def test_a_payload_has_names(payload: Any) -> None:
    with pytest.raises(ValueError, match="must be a mapping or a model"):
        sanitize_payload(Event("t", payload), policy=POLICY)


def test_bad_rules_are_found_at_the_start() -> None:
    wrong: Any = {"a": 5}
    with pytest.raises(TypeError, match="must be callable"):
        TopicRedactionPolicy(default=wrong)
    with pytest.raises(TypeError, match="must be callable"):
        TopicRedactionPolicy(per_topic={"t": wrong})


def test_policies_are_values() -> None:
    assert TopicRedactionPolicy(default={"a": redact_drop}) == TopicRedactionPolicy(
        default={"a": redact_drop}
    )
    assert "compiled" not in repr(TopicRedactionPolicy())
