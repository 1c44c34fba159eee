"""A policy made ready for use: its settings, its name rules and its text rules."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from mic.model._json_safe import plain_text
from mic.redaction._failures import report
from mic.redaction._names import normalized
from mic.redaction._patterns import ValuePattern, email_pattern
from mic.redaction._rules import MAX_SHAPE_KEYS, Rules
from mic.redaction._strategies import REDACTED_SECRET, FieldRedactor, keyed_hash
from mic.redaction._text import TextRules, plain_string

TRUNCATED = "[TRUNCATED]"

_MAX_DEPTH = 64
# How far beyond `max_text` a text is searched, so that the cut does not halve a secret.
_OVERLAP = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a policy is made of; see `RedactionPolicy`.

    Raises:
        ValueError: A number is out of its range, or `message_args` unknown.
    """

    fields: Mapping[str, FieldRedactor]
    secret: Mapping[str, FieldRedactor]
    patterns: tuple[ValuePattern, ...]
    allowed: Mapping[str, FieldRedactor]
    hash_key: bytes | None
    hash_key_id: str
    message_args: Literal["scan", "drop"]
    max_depth: int
    max_items: int
    max_text: int
    on_error: Callable[[str], None] | None
    markers: bool = True

    def __post_init__(self) -> None:
        if self.message_args not in ("scan", "drop"):
            raise ValueError("message_args must be 'scan' or 'drop'")
        if not 0 <= self.max_depth <= _MAX_DEPTH:
            raise ValueError(f"max_depth must be between 0 and {_MAX_DEPTH}")
        if self.max_items < 1 or self.max_text < 1:
            raise ValueError("max_items and max_text must be at least 1")

    def merged(self, other: "Settings") -> "Settings":
        """Give the rules of both; for the same name or pattern, and in all else, `other` wins."""
        patterns = {pattern.name: pattern for pattern in (*self.patterns, *other.patterns)}
        keyless = other.hash_key is None
        return replace(
            other,
            fields={**self.fields, **other.fields},
            secret={**self.secret, **other.secret},
            allowed={**self.allowed, **other.allowed},
            patterns=tuple(patterns.values()),
            hash_key=self.hash_key if keyless else other.hash_key,
            hash_key_id=self.hash_key_id if keyless else other.hash_key_id,
            on_error=other.on_error or self.on_error,
            markers=self.markers or other.markers,
        )


class Compiled:
    """Name rules and text rules of one policy, and what happens when they fail."""

    __slots__ = (
        "_text",
        "is_clean",
        "is_clean_joined",
        "max_text",
        "most_flat",
        "rules",
        "settings",
    )

    def __init__(self, settings: Settings) -> None:
        key = settings.hash_key
        self.settings = settings
        self.rules = Rules(
            fields=settings.fields,
            allowed=settings.allowed,
            secret=settings.secret,
            keyed_hash=None if key is None else keyed_hash(key, settings.hash_key_id),
            markers=settings.markers,
            show_key=self.scan,
        )
        patterns = list(settings.patterns)
        for name, redactor in settings.fields.items():
            if normalized(name) == "email":
                patterns.append(email_pattern(redactor))
        self._text = TextRules(
            self.rules.redactor_for if settings.fields or settings.secret else None,
            [replace(each, redactor=self.rules.effective(each.redactor)) for each in patterns],
            max_length=settings.max_text,
        )
        self.max_text = settings.max_text
        self.most_flat = min(settings.max_items, MAX_SHAPE_KEYS)
        self.is_clean = self._text.is_clean
        self.is_clean_joined = self._text.is_clean_joined

    def safe_text(self, text: Any, known: Mapping[str, str] | None, where: str) -> str:
        """Give the redacted text; never raises."""
        try:
            return self.scan(text if type(text) is str else plain_string(text), known)
        except Exception:
            self.failed(where)
            return REDACTED_SECRET

    def scan(self, text: str, known: Mapping[str, str] | None = None) -> str:
        """Give the redacted text, cut at `max_text`. Lets the errors of redactors pass."""
        limit = self.settings.max_text
        was_cut = text.endswith(TRUNCATED) and len(text) <= limit + len(TRUNCATED)
        if len(text) <= limit or was_cut:
            return plain_text(self._text.apply(text, known))
        window = text[: limit + _OVERLAP]
        shown = self._text.apply(window, known)
        if len(window) < len(text):
            # The end of the window may be the half of a secret that nothing has recognized.
            shown = shown[:-_OVERLAP]
        elif len(shown) <= limit:
            return plain_text(shown)
        return plain_text(shown[:limit]) + TRUNCATED

    def failed(self, where: str) -> None:
        """Report a failure; never raises."""
        report(where, self.settings.on_error)
