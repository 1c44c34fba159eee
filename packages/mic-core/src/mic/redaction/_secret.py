"""A value that refuses to be shown, and the marker of a field that must not be."""

import hmac
from dataclasses import dataclass
from typing import Any, Generic, NoReturn, TypeVar, get_args

from mic.redaction._strategies import REDACTED_SECRET, FieldRedactor

T = TypeVar("T")


class Secret(Generic[T]):
    """Holds a value that `repr`, `str`, `format`, JSON and pickle refuse to show.

    Guarantees: only `reveal` gives the value. Two secrets compare equal when their values do,
    strings and bytes in constant time. As a pydantic field (`Secret[str]`) the value is validated,
    and always serialized as `[REDACTED]`. `json.dumps` and pickle raise `TypeError`; a copy is the
    same object.
    """

    __slots__ = ("_value",)

    def __init__(self, value: T) -> None:
        """Hold a value."""
        self._value = value

    def reveal(self) -> T:
        """Give the value itself."""
        return self._value

    def __repr__(self) -> str:
        return f"Secret({REDACTED_SECRET})"

    def __str__(self) -> str:
        return REDACTED_SECRET

    def __format__(self, format_spec: str) -> str:
        return REDACTED_SECRET

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        mine, theirs = self._value, other._value
        if isinstance(mine, str) and isinstance(theirs, str):
            mine_bytes = mine.encode("utf-8", "surrogatepass")
            return hmac.compare_digest(mine_bytes, theirs.encode("utf-8", "surrogatepass"))
        if isinstance(mine, bytes) and isinstance(theirs, bytes):
            return hmac.compare_digest(mine, theirs)
        return bool(mine == theirs)

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __copy__(self) -> "Secret[T]":
        return self

    def __deepcopy__(self, memo: Any) -> "Secret[T]":
        return self

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError("a Secret cannot be pickled")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """Validate the value as `T`, hold it, and serialize it as `[REDACTED]`."""
        # Here and not above: this portion needs no third party.
        from pydantic_core import core_schema

        (inner,) = get_args(source) or (Any,)
        value = core_schema.no_info_after_validator_function(cls, handler.generate_schema(inner))
        return core_schema.json_or_python_schema(
            json_schema=value,
            python_schema=core_schema.union_schema([core_schema.is_instance_schema(cls), value]),
            serialization=core_schema.plain_serializer_function_ser_schema(str),
        )


@dataclass(frozen=True, slots=True)
class Redact:
    """Marks a field of a pydantic model or a dataclass: `Annotated[str, Redact(redact_hash)]`.

    A rule of the policy's `fields` for the same name goes before it.

    Attributes:
        redactor: What replaces the value.

    Raises:
        TypeError: `redactor` is not callable.
    """

    redactor: FieldRedactor

    def __post_init__(self) -> None:
        if not callable(self.redactor):
            raise TypeError("the redactor of Redact must be callable")
