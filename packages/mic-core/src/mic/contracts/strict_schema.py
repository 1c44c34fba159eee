"""Base classes of everything that crosses a boundary: strict in, tolerant towards newer writers."""

from collections.abc import Iterator
from typing import Annotated, Any, Self

from pydantic import AliasChoices, BaseModel, ConfigDict, StringConstraints, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import InitErrorDetails

RawStr = Annotated[str, StringConstraints(strip_whitespace=False)]
"""A string kept as it was received: for passwords, signatures and tokens in a `StrictSchema`."""


class StrictSchema(BaseModel):
    """Base of what a service accepts: unknown members are refused, instances are frozen.

    Guarantees:
        - A member that the schema does not know is a `ValidationError`.
        - Fields can be filled by their name and by their alias.
        - An attribute cannot be set. Frozen is shallow: a list or a dict inside can still change,
          so declare tuples, and nested schemas, for what must not.
        - White space around strings is stripped; `RawStr` keeps it.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, populate_by_name=True, str_strip_whitespace=True
    )

    def with_changes(self, **changes: Any) -> Self:
        """Give a copy with some fields changed, validated as a whole.

        Guarantees: the stored values are carried over as they are (nothing is dumped), so excluded
        fields and nested instances of a subclass survive, and computed fields follow the new
        values; validators of the model see the new state; `model_fields_set` of the copy is that
        of the original and the changed names. Private attributes start anew.

        Args:
            **changes: New values by field name or alias.

        Raises:
            TypeError: One field is given twice, by its name and by an alias.
            ValidationError: A name is unknown, also where the schema ignores unknown members, or
                the changed whole is not valid.
        """
        cls = type(self)
        named = _by_field_name(cls, changes)
        kept = self.model_fields_set | named.keys()
        values = {**_stored_values(self), **named}
        changed = cls.model_validate(values)
        # The stored values of fields that nobody had set must not count as set now.
        fields_set = changed.model_fields_set
        fields_set.clear()
        fields_set.update(kept)
        return changed


class ExactSchema(StrictSchema):
    """A `StrictSchema` that converts nothing: `"5"` is no integer, and white space is kept.

    Guarantees: no coercion between types (pydantic's strict mode), no infinities or NaN. From JSON,
    dates, UUIDs, enums and the like are still read from their string forms, because JSON has no
    other way to write them.
    """

    model_config = ConfigDict(strict=True, allow_inf_nan=False, str_strip_whitespace=False)


class TolerantSchema(StrictSchema):
    """A `StrictSchema` that ignores members it does not know.

    For replies and events of other services: a reader must survive a newer writer.
    """

    model_config = ConfigDict(extra="ignore")


def _by_field_name(cls: type[BaseModel], changes: dict[str, Any]) -> dict[str, Any]:
    names = cls.model_fields.keys()
    if changes.keys() <= names:
        return changes
    aliases = {alias: name for name, field in cls.model_fields.items() for alias in _aliases(field)}
    named: dict[str, Any] = {}
    unknown: list[InitErrorDetails] = []
    for given, value in changes.items():
        name = given if given in names else aliases.get(given)
        if name is None and cls.model_config.get("extra") == "allow":
            name = given
        if name is None:
            unknown.append({"type": "extra_forbidden", "loc": (given,), "input": value})
        elif name in named:
            raise TypeError(f"{cls.__name__}.with_changes() got the field {name!r} twice")
        else:
            named[name] = value
    if unknown:
        raise ValidationError.from_exception_data(cls.__name__, unknown)
    return named


def _aliases(field: FieldInfo) -> Iterator[str]:
    for alias in (field.alias, field.validation_alias):
        choices = alias.choices if isinstance(alias, AliasChoices) else [alias]
        yield from (choice for choice in choices if isinstance(choice, str))


def _stored_values(model: BaseModel) -> dict[str, Any]:
    """The values to validate again, by field name.

    A default that was never replaced stays out: pydantic applies it again, as unchecked as before.
    """
    values = dict(model.model_extra or {})
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        if name in model.model_fields_set or value is not field.default:
            values[name] = value
    return values
