"""JSON schemas for OpenAPI documents, made by pydantic."""

from __future__ import annotations

import json
from typing import Any, Literal

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue
from pydantic_core import PydanticSerializationError, to_json

from mic.http._openapi_describe import NO_DEFAULT, BodyDescription, ParameterDescription

REF_TEMPLATE = "#/components/schemas/{model}"

Schema = dict[str, Any]

_LOCAL_REF = "#/$defs/"


class _Generator(GenerateJsonSchema):
    """Describes what JSON Schema has no words for as anything, instead of failing the document."""

    ignored_warning_kinds = {"skipped-choice", "non-serializable-default"}  # noqa: RUF012

    def handle_invalid_for_json_schema(self, _schema: Any, _error_info: str) -> JsonSchemaValue:
        return {}


class SchemaPool:
    """Collects types, and writes all their schemas at once, so that components are shared and have
    names that do not collide.
    """

    def __init__(self) -> None:
        self._wanted: list[tuple[int, JsonSchemaMode, TypeAdapter[Any]]] = []
        self._places: list[tuple[Schema, Schema]] = []

    def schema(
        self,
        annotation: Any,
        *,
        mode: Literal["validation", "serialization"],
        default: Any = NO_DEFAULT,
    ) -> Schema:
        """Ask for a schema; the dictionary is filled by `components`."""
        place: Schema = {}
        self._wanted.append((len(self._places), mode, TypeAdapter(annotation)))
        self._places.append((place, _default(default)))
        return place

    def components(self) -> dict[str, Schema]:
        """Fill every schema that was asked for, and give the components that they refer to."""
        schemas, definitions = TypeAdapter.json_schemas(
            self._wanted, ref_template=REF_TEMPLATE, schema_generator=_Generator
        )
        for (number, _), schema in schemas.items():
            place, default = self._places[number]
            place.update(schema)
            place.update(default)
        components: dict[str, Schema] = definitions.get("$defs", {})
        return dict(sorted(components.items()))


def form_schema(body: BodyDescription) -> Schema:
    """The schema of a form, without references: it stands in any document."""
    schema: Schema = {
        "type": "object",
        "properties": {field.name: _field_schema(field) for field in body.fields if not field.free},
    }
    required = [field.name for field in body.fields if field.required and not field.free]
    if required:
        schema["required"] = required
    return schema


def _field_schema(field: ParameterDescription) -> Schema:
    if field.location == "file":
        file = {"type": "string", "contentMediaType": "application/octet-stream"}
        schema: Schema = {"type": "array", "items": file} if field.many else file
    else:
        whole = TypeAdapter(field.annotation).json_schema(schema_generator=_Generator)
        definitions = whole.pop("$defs", {})
        schema = _without_references(whole, definitions, ())
        schema.update(_default(field.default))
    if field.description:
        schema.setdefault("description", field.description)
    return schema


def _without_references(node: Any, definitions: Schema, inside: tuple[str, ...]) -> Any:
    """Put definitions in the place of references to them; one inside itself becomes anything."""
    if isinstance(node, list):
        return [_without_references(item, definitions, inside) for item in node]
    if not isinstance(node, dict):
        return node
    replaced = {
        key: _without_references(value, definitions, inside)
        for key, value in node.items()
        if not (key == "$ref" and isinstance(value, str))
    }
    reference = node.get("$ref")
    if not isinstance(reference, str):  # absent, or among properties, where it is a name
        return replaced
    name = reference.removeprefix(_LOCAL_REF)
    if name in inside:
        return replaced
    return {**_without_references(definitions[name], definitions, (*inside, name)), **replaced}


def _default(value: Any) -> Schema:
    """`default`, where there is one that says something and that JSON can hold."""
    if value is NO_DEFAULT or value is None:
        return {}
    try:
        return {"default": json.loads(to_json(value))}
    except PydanticSerializationError:
        return {}
