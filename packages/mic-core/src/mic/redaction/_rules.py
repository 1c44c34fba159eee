"""What a policy says about a name: ranked, and remembered."""

import threading
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from mic.redaction._kinds import FieldPlan
from mic.redaction._names import RuleSet, normalized
from mic.redaction._strategies import FieldRedactor, redact_hash
from mic.redaction._text import plain_string

MAX_MEMO = 4096
MAX_SHAPES = 128
MAX_SHAPE_KEYS = 64
_MAX_NAME = 256


Rule: TypeAlias = tuple[str, FieldRedactor | None, bool, str]
"""How a key is shown, what replaces its value, whether a field rule says so, the path of its value.

A plain tuple, because it is taken apart for every member of every value.
"""

Shape: TypeAlias = tuple[tuple[str, FieldRedactor, str], ...]
"""Of the keys of a flat dict, those with a rule: the key, its redactor, the path of its value."""

_NO_RULES: Mapping[str, Rule] = {}


class Rules:
    """The three ranks of names, the keyed hash, and what has been looked up before.

    At most `MAX_MEMO` lookups are remembered; then all are forgotten.
    """

    __slots__ = (
        "_allowed",
        "_fields",
        "_has_paths",
        "_hash",
        "_lock",
        "_markers",
        "_remembered",
        "_secret",
        "_seen",
        "_shapes",
        "_show_key",
        "_size",
    )

    def __init__(
        self,
        *,
        fields: Mapping[str, FieldRedactor],
        allowed: Mapping[str, FieldRedactor],
        secret: Mapping[str, FieldRedactor],
        keyed_hash: FieldRedactor | None,
        markers: bool,
        show_key: Callable[[str], str],
    ) -> None:
        self._fields, self._allowed, self._secret = map(RuleSet, (fields, allowed, secret))
        self._has_paths = any(
            rules.has_paths for rules in (self._fields, self._allowed, self._secret)
        )
        self._hash = keyed_hash
        self._markers = markers
        self._show_key = show_key
        self._lock = threading.Lock()
        self._remembered: dict[str, dict[str, Rule]] = {}
        self._seen: dict[str, FieldRedactor | None] = {}
        self._size = 0
        self._shapes: dict[tuple[str, ...], Shape | None] = {}

    def redactor_for(self, name: str) -> FieldRedactor | None:
        """Give the redactor of a name that stands alone."""
        if name in self._seen:
            return self._seen[name]
        key = normalized(name)
        found = self._ranked(key, key)[0]
        if len(name) <= _MAX_NAME:
            with self._lock:
                if len(self._seen) >= MAX_MEMO:
                    self._seen.clear()
                self._seen[name] = found
        return found

    def known(self, path: str) -> Mapping[str, Rule]:
        """Give the remembered rules of the keys at a path."""
        return self._remembered.get(path, _NO_RULES)

    def rule_of(self, key: Any, path: str) -> Rule:
        """Give the rule of a key of any type at a path; that of a string is remembered."""
        if isinstance(key, bytes):
            name = key.decode("latin-1")
        else:
            name = str.__str__(key) if isinstance(key, str) else plain_string(key)
        plain = normalized(name)
        below = f"{path}.{plain}" if path else plain
        redactor, is_field = self._ranked(plain, below)
        rule = (self._show_key(name), redactor, is_field, below if self._has_paths else "")
        if type(key) is str and len(key) <= _MAX_NAME:
            with self._lock:
                if self._size >= MAX_MEMO:
                    self._remembered, self._size = {}, 0
                self._remembered.setdefault(path, {})[key] = rule
                self._size += 1
        return rule

    def shape_of(self, keys: tuple[str, ...]) -> Shape | None:
        """Give the rules of keys at the root, remembered for all of them together.

        `None` when one of them is long, or is not shown as it is.

        Args:
            keys: At most `MAX_SHAPE_KEYS` plain strings.
        """
        try:
            return self._shapes[keys]
        except KeyError:
            pass
        if any(len(key) > _MAX_NAME for key in keys):
            return None
        rules = [(key, self._recalled(key, "")) for key in keys]
        shape: Shape | None = tuple(
            (key, redactor, below) for key, (_, redactor, _, below) in rules if redactor is not None
        )
        if any(key != shown for key, (shown, _, _, _) in rules):
            shape = None
        with self._lock:
            if len(self._shapes) >= MAX_SHAPES:
                self._shapes = {}
            self._shapes[keys] = shape
        return shape

    def field_rule_of(self, plan: FieldPlan, path: str) -> Rule:
        """Give the rule of a field of a class: a marker goes after field rules, before others."""
        shown, redactor, is_field, below = self._recalled(plan.name, path)
        if not is_field and plan.alias != plan.name:
            _, by_alias, is_field, alias_below = self._recalled(plan.alias, path)
            if is_field or redactor is None:
                redactor, below = by_alias, alias_below
        if plan.marker is not None and self._markers and not is_field:
            redactor = self.effective(plan.marker)
        return shown, redactor, is_field, below

    def _recalled(self, key: str, path: str) -> Rule:
        return self.known(path).get(key) or self.rule_of(key, path)

    def effective(self, redactor: FieldRedactor) -> FieldRedactor:
        """Give the keyed hash in place of the one that can be guessed."""
        return self._hash if redactor is redact_hash and self._hash is not None else redactor

    def _ranked(self, name: str, path: str) -> tuple[FieldRedactor | None, bool]:
        found = self._fields.find(name, path)
        if found is not None:
            return self.effective(found), True
        if self._allowed.find(name, path) is not None:
            return None, False
        return self._secret.find(name, path), False
