"""The redaction policy: compiled once, applied everywhere."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, TypeAlias

from mic.redaction._compiled import Compiled, Settings
from mic.redaction._data import copy_by_rules
from mic.redaction._flat import copy_flat
from mic.redaction._names import SECRET_NAMES, checked_rules, drop_rules
from mic.redaction._patterns import SECRET_PATTERNS, ValuePattern
from mic.redaction._strategies import FieldRedactor, FieldRedactors
from mic.redaction._walk import Walk


class RedactionPolicy:
    """Says which names and shapes of text may not leave the process, and what replaces them.

    Guarantees:
        - Immutable, compiled once, safe to share between threads.
        - `apply` and `apply_text` never raise and never change what they are given. Whatever fails
          inside them yields `[REDACTED]` and is reported to `on_error`, else to `error_counts`.
        - Time and memory are bounded by `max_depth`, `max_items` and `max_text`.
        - `Secret`, `SecretStr` and `SecretBytes` are dropped by every policy.

    Names are compared in lower case without `_`, `-` and spaces. A rule matches a key that equals
    it; the last dotted segment of a key (`email` matches `user.email`); with dots in it, a suffix
    of the path (`user.email` matches `{"user": {"email": ...}}`); `*` stands for any text. `fields`
    go before markers (`Redact`), those before `allow_names`, those before `secret_names`. A rule
    for an OpenTelemetry attribute that has been renamed covers its successor too. A rule called
    `email` also replaces e-mail addresses in any text.
    """

    __slots__ = ("_compiled",)

    def __init__(
        self,
        fields: FieldRedactors | None = None,
        *,
        secret_names: Iterable[str] = SECRET_NAMES,
        patterns: Sequence[ValuePattern] = SECRET_PATTERNS,
        allow_names: Iterable[str] = (),
        hash_key: bytes | None = None,
        hash_key_id: str = "",
        message_args: Literal["scan", "drop"] = "scan",
        max_depth: int = 8,
        max_items: int = 1000,
        max_text: int = 16_384,
        on_error: Callable[[str], None] | None = None,
    ) -> None:
        """Compile a policy.

        Args:
            fields: Redactors by name; the field rules.
            secret_names: Names whose values are dropped.
            patterns: Shapes that are replaced in every text, in their order.
            allow_names: Names that `secret_names` does not apply to.
            hash_key: Replaces `redact_hash` by a keyed hash of 128 bits; 1 to 64 bytes.
            hash_key_id: Stands in the hash, so that keys can be told apart.
            message_args: Whether the arguments of a log message are searched, or dropped unless
                they are numbers; for `mic.observability`.
            max_depth: Levels of nesting below the value itself, 0 to 64; deeper: `[TRUNCATED]`.
            max_items: Items of one container, from 1; of all containers together ten times that.
            max_text: Characters of one text, from 1; of all texts together 64 times that.
            on_error: Called with `where` when something failed; what it raises is ignored.

        Raises:
            TypeError: A name is not a string, or a redactor not callable.
            ValueError: A name is empty, or a number or the hash key out of its range.
        """
        self._compiled = Compiled(
            Settings(
                fields=checked_rules(fields or {}),
                secret=drop_rules(secret_names),
                patterns=tuple(patterns),
                allowed=drop_rules(allow_names),
                hash_key=hash_key,
                hash_key_id=hash_key_id,
                message_args=message_args,
                max_depth=max_depth,
                max_items=max_items,
                max_text=max_text,
                on_error=on_error,
            )
        )

    @classmethod
    def _of(cls, settings: Settings) -> "RedactionPolicy":
        policy = cls.__new__(cls)
        policy._compiled = Compiled(settings)
        return policy

    @classmethod
    def coerce(cls, value: "PolicyLike") -> "RedactionPolicy":
        """Give the policy that a parameter means.

        Args:
            value: `None`: secret names and patterns; a dict: those and its rules; a policy: itself.

        Raises:
            TypeError: Anything else, or as the constructor.
        """
        if isinstance(value, RedactionPolicy):
            return value
        if value is None:
            return _DEFAULT
        if not isinstance(value, dict):
            raise TypeError("redactors must be a RedactionPolicy, a dict or None")
        return cls(value)

    @classmethod
    def none(cls) -> "RedactionPolicy":
        """Give the policy that redacts nothing but `Secret` and pydantic's secrets."""
        bare = cls(secret_names=(), patterns=())
        return cls._of(replace(bare._compiled.settings, markers=False))

    def apply(self, value: Any, *, where: str = "") -> Any:
        """Give a redacted copy made of plain JSON types.

        Guarantees: never raises, never changes the value. Models, dataclasses and named tuples
        become objects, sets and sequences arrays, exceptions their type and redacted text, bytes
        `<bytes:N>`, other objects their redacted text (`[UNPRINTABLE]` when that raises), NaN and
        infinities `None`; a cycle becomes `[CYCLE]`; what is too deep, too many or too long is cut
        and marked `[TRUNCATED]`.

        Args:
            value: Anything.
            where: The pillar (`logs`, `traces`, ...) that failures are counted under.
        """
        if type(value) is dict:
            safe = copy_flat(self._compiled, value, where)
            if safe is not None:
                return safe
        return Walk(self._compiled, where).value(value, "")

    def apply_text(
        self, text: str, *, known: Mapping[str, str] | None = None, where: str = ""
    ) -> str:
        """Give a text without the values of ruled names, secret patterns and known values.

        Guarantees: never raises. Replaced are, in this order: the values of pairs `name=value`,
        `name: value` and `"name": "value"` whose name has a rule; patterns; known values. A text
        that is too long is cut and marked `[TRUNCATED]`.

        Args:
            text: The text.
            known: Raw values and what replaces them: what was redacted by name in the same record.
                The first 32 of at least 6 characters count.
            where: As in `apply`.
        """
        return self._compiled.safe_text(text, known, where)

    def redactor_for(self, name: str) -> FieldRedactor | None:
        """Give what replaces the values of a name, `None` when nothing does."""
        return self._compiled.rules.redactor_for(name)

    def merged(self, other: "PolicyLike") -> "RedactionPolicy":
        """Give a policy with the rules of both; for the same name or pattern `other` wins.

        The limits and hooks are those of `other` when it is a policy; the hash key and `on_error`
        stay where it has none.

        Args:
            other: A dict contributes field rules only; `None` nothing.

        Raises:
            TypeError: As `coerce`.
        """
        if other is None:
            return self
        mine = self._compiled.settings
        if isinstance(other, dict):
            return self._of(replace(mine, fields={**mine.fields, **checked_rules(other)}))
        return self._of(mine.merged(self.coerce(other)._compiled.settings))

    def apply_rules(self, value: Any, *, where: str = "") -> Any:
        """Give a copy with the values of ruled names replaced, and everything else as it is.

        For data that has to stay data: texts are not searched, types are kept, nothing is cut.
        Models, dataclasses and named tuples become dicts, because their rules are by name.

        Args:
            value: Anything; usually a mapping.
            where: As in `apply`.

        Raises:
            ValueError: The value contains itself, or is nested more than 100 levels deep.
        """
        return copy_by_rules(self._compiled, value, where)

    @property
    def message_args(self) -> Literal["scan", "drop"]:
        """Whether the arguments of a log message are searched or dropped."""
        return self._compiled.settings.message_args


PolicyLike: TypeAlias = RedactionPolicy | FieldRedactors | None
"""What is accepted wherever redactors are; see `RedactionPolicy.coerce`."""

_DEFAULT = RedactionPolicy()


def apply_field_redactors(payload: dict[str, Any], redactors: PolicyLike) -> None:
    """Redact a dict in place: afterwards it holds what `redact_fields` gives.

    Guarantees: never raises for what the dict holds. When redaction as a whole fails, the dict is
    left empty. Nested containers are replaced, not changed.

    Args:
        payload: The dict.
        redactors: A policy, a dict of redactors by name, or `None`.

    Raises:
        TypeError: As `RedactionPolicy.coerce`.
    """
    redacted = redact_fields(payload, redactors)
    payload.clear()
    if isinstance(redacted, dict):
        payload.update(redacted)


def redact_fields(value: Any, redactors: PolicyLike) -> Any:
    """Give a redacted copy: `RedactionPolicy.coerce(redactors).apply(value)`.

    Args:
        value: Anything.
        redactors: A policy, a dict of redactors by name, or `None`.

    Raises:
        TypeError: As `RedactionPolicy.coerce`.
    """
    return RedactionPolicy.coerce(redactors).apply(value)
