"""Copying data by name rules alone: what is data has to stay data."""

from collections.abc import Mapping
from typing import Any

from mic.redaction._compiled import Compiled
from mic.redaction._kinds import Kind, extra_fields, fields_of, kind_of
from mic.redaction._strategies import REDACTED_SECRET, FieldRedactor

MAX_DATA_DEPTH = 100


def copy_by_rules(compiled: Compiled, value: Any, where: str) -> Any:
    """Give a copy in which the values of ruled names, and secrets, are replaced.

    A redactor that raises yields `[REDACTED]`.

    Raises:
        ValueError: The value is nested more than `MAX_DATA_DEPTH` levels deep, or contains itself.
    """
    return _Copy(compiled, where).of(value, "", MAX_DATA_DEPTH)


class _Copy:
    __slots__ = ("_compiled", "_where")

    def __init__(self, compiled: Compiled, where: str) -> None:
        self._compiled = compiled
        self._where = where

    def of(self, value: Any, path: str, levels: int) -> Any:
        kind = kind_of(type(value))
        if kind is Kind.SECRET:
            return REDACTED_SECRET
        if kind not in (Kind.MAPPING, Kind.FIELDS, Kind.SEQUENCE):
            return value
        if not levels:
            raise ValueError(f"the data is nested more than {MAX_DATA_DEPTH} levels deep")
        if kind is Kind.MAPPING:
            return self._members(value, path, levels - 1)
        if kind is Kind.FIELDS:
            return self._fields(value, path, levels - 1)
        elements = [self.of(element, path, levels - 1) for element in value]
        # A set may now hold what cannot be hashed; a list of it is the same JSON.
        return tuple(elements) if type(value) is tuple else elements

    def _members(self, value: Mapping[Any, Any], path: str, levels: int) -> dict[Any, Any]:
        rules = self._compiled.rules
        copy: dict[Any, Any] = {}
        for key, member in value.items():
            _, redactor, _, below = rules.rule_of(key, path)
            copy[key] = self._member(redactor, member, below, levels)
        return copy

    def _fields(self, value: Any, path: str, levels: int) -> dict[Any, Any]:
        rules = self._compiled.rules
        copy: dict[Any, Any] = {}
        for plan in fields_of(type(value)):
            _, redactor, _, below = rules.field_rule_of(plan, path)
            member = getattr(value, plan.name)
            copy[plan.name] = self._member(redactor, member, below, levels)
        return copy | self._members(extra_fields(value), path, levels)

    def _member(self, redactor: FieldRedactor | None, value: Any, path: str, levels: int) -> Any:
        if redactor is None:
            return self.of(value, path, levels)
        try:
            return redactor(value)
        except Exception:
            self._compiled.failed(self._where)
            return REDACTED_SECRET
