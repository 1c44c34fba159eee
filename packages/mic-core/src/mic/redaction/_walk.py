"""Copying a value into plain JSON types while redacting it: bounded, and never raising."""

import math
from collections.abc import Collection, Mapping
from itertools import islice
from typing import Any

from mic.model._json_safe import plain_text
from mic.redaction._compiled import TRUNCATED, Compiled
from mic.redaction._kinds import Kind, extra_fields, fields_of, kind_of
from mic.redaction._strategies import REDACTED_SECRET, FieldRedactor
from mic.redaction._text import plain_string

CYCLE = "[CYCLE]"

# What one walk may take in all, as multiples of what one container or text may.
_ALL_ITEMS = 10
_ALL_TEXT = 64
# Python does not write longer integers.
_MAX_INT_BITS = 4096
SMALLEST, LARGEST = -(2**63), 2**63


class Walk:
    """One application of a policy: what encloses the present value, and what may still be taken."""

    __slots__ = ("_above", "_compiled", "_items_left", "_text_left", "_where")

    def __init__(self, compiled: Compiled, where: str, *, inside: object = None) -> None:
        self._compiled = compiled
        self._where = where
        self._above: set[int] = set() if inside is None else {id(inside)}
        self._items_left = compiled.settings.max_items * _ALL_ITEMS
        self._text_left = compiled.settings.max_text * _ALL_TEXT

    def value(self, value: Any, path: str) -> Any:
        """Give the redacted copy of a value that stands at a path of normalized names."""
        try:
            return self._value(value, path)
        except Exception:
            self._compiled.failed(self._where)
            return REDACTED_SECRET

    def _value(self, value: Any, path: str) -> Any:
        if value is None or value is True or value is False:
            return value
        kind = kind_of(type(value))
        if kind is Kind.TEXT:
            return self._text(str.__str__(value))
        if kind is Kind.INTEGER:
            number = int.__int__(value)
            return number if number.bit_length() <= _MAX_INT_BITS else TRUNCATED
        if kind is Kind.REAL:
            real = float.__float__(value)
            return real if math.isfinite(real) else None
        if kind in (Kind.FIELDS, Kind.MAPPING, Kind.SEQUENCE):
            return self._container(value, kind, path)
        return self._leaf(value, kind)

    def _leaf(self, value: Any, kind: Kind) -> str:
        if kind is Kind.SECRET:
            return REDACTED_SECRET
        if kind is Kind.BYTES:
            return f"<bytes:{value.nbytes if isinstance(value, memoryview) else len(value)}>"
        if kind is Kind.PLAIN:
            return plain_text(plain_string(value))
        if kind is Kind.EXCEPTION:
            return self._text(f"{type(value).__name__}: {plain_string(value)}")
        if kind is Kind.URL_PARTS:
            return self._text(plain_string(value.geturl()))
        return self._text(plain_string(value))

    def _text(self, text: str) -> str:
        if self._text_left <= 0:
            return TRUNCATED
        self._text_left -= len(text)
        return self._compiled.safe_text(text, None, self._where)

    def _container(self, value: Any, kind: Kind, path: str) -> Any:
        above = self._above
        if id(value) in above:
            return CYCLE
        if len(above) > self._compiled.settings.max_depth or self._items_left <= 0:
            return TRUNCATED
        above.add(id(value))
        try:
            if kind is Kind.MAPPING:
                return self._members(value, path)
            if kind is Kind.FIELDS:
                return self._fields(value, path)
            return self._elements(value, path)
        finally:
            above.discard(id(value))

    def _members(self, value: Mapping[Any, Any], path: str) -> dict[str, Any]:
        safe: dict[str, Any] = {}
        compiled, room = self._compiled, self._room(value)
        is_clean, rules, known = compiled.is_clean, compiled.rules, compiled.rules.known(path)
        items = value.items()
        for key, member in items if len(value) <= room else islice(items, room):
            # A plain member without a rule needs no further call: that is most of them.
            shown, redactor, _, below = known.get(key) or rules.rule_of(key, path)
            kind = type(member)
            if redactor is not None:
                safe[shown] = self.redacted(redactor, member, below)
            elif (kind is int and SMALLEST < member < LARGEST) or (
                kind is str and is_clean(member)
            ):
                safe[shown] = member
            else:
                safe[shown] = self.value(member, below)
        if len(value) > room:
            safe[TRUNCATED] = TRUNCATED
        return safe

    def _fields(self, value: Any, path: str) -> dict[str, Any]:
        safe: dict[str, Any] = {}
        plans = fields_of(type(value))
        self._items_left -= len(plans)
        for plan in plans:
            shown, redactor, _, below = self._compiled.rules.field_rule_of(plan, path)
            try:
                member = getattr(value, plan.name)
            except Exception:
                self._compiled.failed(self._where)
                safe[shown] = REDACTED_SECRET
                continue
            if redactor is not None:
                safe[shown] = self.redacted(redactor, member, below)
            else:
                safe[shown] = self.value(member, below)
        extra = extra_fields(value)
        return {**safe, **self._members(extra, path)} if extra else safe

    def _elements(self, value: Collection[Any], path: str) -> list[Any]:
        if type(value) is tuple and len(value) == 2:
            # Headers are often pairs of a name and a value.
            name = value[0].decode("latin-1") if isinstance(value[0], bytes) else value[0]
            if isinstance(name, str):
                shown, redactor, _, below = self._compiled.rules.rule_of(name, path)
                if redactor is not None:
                    return [shown, self.redacted(redactor, value[1], below)]
        room = self._room(value)
        safe = [self.value(element, path) for element in islice(value, room)]
        if len(value) > room:
            safe.append(TRUNCATED)
        return safe

    def redacted(self, redactor: FieldRedactor, value: Any, path: str) -> Any:
        """Give what a redactor shows in place of a value that stands at a path; never raises."""
        if kind_of(type(value)) is Kind.SECRET:
            return REDACTED_SECRET
        try:
            shown = redactor(value)
        except Exception:
            self._compiled.failed(self._where)
            return REDACTED_SECRET
        # What a redactor gives is meant to be shown, but need not be JSON.
        if type(shown) is str:
            return plain_text(shown[: self._compiled.settings.max_text])
        return self.value(shown, path)

    def _room(self, value: Collection[Any]) -> int:
        room = min(self._compiled.settings.max_items, self._items_left)
        self._items_left -= min(room, len(value))
        return room
