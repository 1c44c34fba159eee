"""Redacting events before they are stored."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from mic.redaction._policy import PolicyLike, RedactionPolicy
from mic.redaction._strategies import FieldRedactors

_WHERE = "events"


class SanitizableEvent(Protocol):
    """What `sanitize_payload` needs of an event."""

    @property
    def event_type(self) -> str:
        """The topic."""

    @property
    def payload(self) -> Any:
        """The data: a mapping or a model."""


@dataclass(frozen=True, slots=True)
class TopicRedactionPolicy:
    """Which rules apply to the events of a topic; those of the topic go before the default.

    An event is data, so a dict of redactors means its field rules and nothing else: no secret
    names, no patterns in text, types kept. A `RedactionPolicy` as a value brings all that it has.

    Attributes:
        default: Rules of every topic.
        per_topic: Further rules by topic.

    Raises:
        TypeError: As `RedactionPolicy.coerce`.
        ValueError: As `RedactionPolicy`.
    """

    default: PolicyLike = field(default_factory=dict)
    per_topic: Mapping[str, PolicyLike] = field(default_factory=dict)
    _compiled: Mapping[str | None, "_TopicRules"] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Now and not at the first event, so that a bad rule is found at the start.
        compiled: dict[str | None, _TopicRules] = {None: _TopicRules.of(self.default, None)}
        for topic, rules in self.per_topic.items():
            compiled[topic] = _TopicRules.of(self.default, rules)
        object.__setattr__(self, "_compiled", compiled)

    def redactors_for(self, event_type: str) -> FieldRedactors | RedactionPolicy:
        """Give the rules of a topic: redactors by name, or a policy where one is given.

        Args:
            event_type: The topic.
        """
        return self._rules_of(event_type).redactors

    def sanitized(self, event_type: str, payload: Any) -> Any:
        """Give a redacted copy of the payload of an event.

        Args:
            event_type: The topic.
            payload: The data.

        Raises:
            ValueError: The payload contains itself, or is nested more than 100 levels deep.
        """
        rules = self._rules_of(event_type)
        if isinstance(rules.redactors, RedactionPolicy):
            return rules.policy.apply(payload, where=_WHERE)
        return rules.policy.apply_rules(payload, where=_WHERE)

    def _rules_of(self, event_type: str) -> "_TopicRules":
        return self._compiled.get(event_type) or self._compiled[None]


def sanitize_payload(event: SanitizableEvent, *, policy: TopicRedactionPolicy) -> dict[str, Any]:
    """Give a redacted copy of an event's payload; the event itself is not changed.

    Guarantees: a redactor that raises yields `[REDACTED]`, never the value.

    Args:
        event: Anything with an `event_type` and a `payload`.
        policy: The rules by topic.

    Raises:
        ValueError: The payload is no object with names, contains itself, or is nested too deeply.
    """
    sanitized = policy.sanitized(event.event_type, event.payload)
    if not isinstance(sanitized, dict):
        raise ValueError("the payload of an event must be a mapping or a model")
    return sanitized


@dataclass(frozen=True, slots=True)
class _TopicRules:
    """The rules of a topic as they were given, and as they are applied."""

    redactors: FieldRedactors | RedactionPolicy
    policy: RedactionPolicy

    @classmethod
    def of(cls, default: PolicyLike, own: PolicyLike) -> "_TopicRules":
        if isinstance(default, RedactionPolicy):
            merged = default.merged(own)
            return cls(merged, merged)
        if isinstance(own, RedactionPolicy):
            merged = _by_fields(default or {}).merged(own)
            return cls(merged, merged)
        fields = {**(default or {}), **(own or {})}
        return cls(fields, _by_fields(fields))


def _by_fields(fields: FieldRedactors) -> RedactionPolicy:
    return RedactionPolicy(fields, secret_names=(), patterns=())
