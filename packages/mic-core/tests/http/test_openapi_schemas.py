from collections.abc import Callable
from enum import Enum
from typing import Annotated, Any

from pydantic import BaseModel, Field

from mic.http._openapi_describe import NO_DEFAULT, BodyDescription, ParameterDescription
from mic.http._openapi_schemas import SchemaPool, form_schema
from mic.http.params import UploadedFile


class Color(Enum):
    RED = "red"
    BLUE = "blue"


class Node(BaseModel):
    color: Color = Color.RED
    children: "list[Node]" = []


def form(*fields: ParameterDescription) -> dict[str, Any]:
    return form_schema(
        BodyDescription(kind="form", media_types=("x/y",), required=True, fields=fields)
    )


def part(name: str, annotation: Any, *, required: bool = True, **more: Any) -> ParameterDescription:
    return ParameterDescription(
        **(
            {"name": name, "location": "form", "annotation": annotation, "required": required}
            | more
        )
    )


class TestPool:
    def test_types_share_components(self) -> None:
        pool = SchemaPool()
        one = pool.schema(Node, mode="validation")
        many = pool.schema(list[Node], mode="validation")
        plain = pool.schema(Annotated[int, Field(ge=1)], mode="validation")
        assert one == many == plain == {}
        components = pool.components()
        assert one == {"$ref": "#/components/schemas/Node"}
        assert many == {"type": "array", "items": one}
        assert plain == {"type": "integer", "minimum": 1}
        assert list(components) == ["Color", "Node"]
        assert components["Node"]["properties"]["children"]["items"] == one

    def test_reading_and_writing_may_differ(self) -> None:
        class Aliased(BaseModel):
            field: int = Field(validation_alias="in", serialization_alias="out")

        pool = SchemaPool()
        read = pool.schema(Aliased, mode="validation")
        written = pool.schema(Aliased, mode="serialization")
        components = pool.components()
        assert read == {"$ref": "#/components/schemas/Aliased-Input"}
        assert written == {"$ref": "#/components/schemas/Aliased-Output"}
        assert list(components["Aliased-Input"]["properties"]) == ["in"]
        assert list(components["Aliased-Output"]["properties"]) == ["out"]

    def test_types_of_one_name_get_names_of_their_own(self) -> None:
        def make(field: type) -> type[BaseModel]:
            class Same(BaseModel):
                __annotations__ = {"field": field}

            return Same

        pool = SchemaPool()
        schemas = [pool.schema(make(field), mode="validation") for field in (int, str)]
        assert len(pool.components()) == 2
        assert schemas[0] != schemas[1]

    def test_defaults(self) -> None:
        pool = SchemaPool()
        defaults = (5, Color.BLUE, (1, 2), None, NO_DEFAULT, object())
        schemas = [pool.schema(Any, mode="validation", default=value) for value in defaults]
        pool.components()
        assert schemas == [{"default": 5}, {"default": "blue"}, {"default": [1, 2]}, {}, {}, {}]

    def test_what_json_schema_has_no_words_for_is_anything(self) -> None:
        class Odd(BaseModel):
            call: Callable[[], int]
            made: Any = Field(default=object())

        pool = SchemaPool()
        schema = pool.schema(Odd, mode="validation")
        components = pool.components()
        assert schema == {"$ref": "#/components/schemas/Odd"}
        assert set(components["Odd"]["properties"]["call"]) <= {"title"}

    def test_nothing_asked(self) -> None:
        assert SchemaPool().components() == {}


class TestForm:
    def test_fields_and_files(self) -> None:
        assert form(
            part("a", int),
            part("b", str, required=False, default="x", description="text"),
            part("f", UploadedFile, location="file"),
            part("g", list[UploadedFile], location="file", many=True, required=False),
        ) == {
            "type": "object",
            "properties": {
                "a": {"type": "integer"},
                "b": {"type": "string", "default": "x", "description": "text"},
                "f": {"type": "string", "contentMediaType": "application/octet-stream"},
                "g": {
                    "type": "array",
                    "items": {"type": "string", "contentMediaType": "application/octet-stream"},
                },
            },
            "required": ["a", "f"],
        }

    def test_nothing_required(self) -> None:
        assert "required" not in form(part("a", int, required=False))

    def test_a_free_mapping_has_no_property(self) -> None:
        assert form(part("a", dict[str, str], free=True)) == {"type": "object", "properties": {}}

    def test_it_refers_to_nothing(self) -> None:
        assert form(part("c", Color), part("d", list[Color]))["properties"] == {
            "c": {"enum": ["red", "blue"], "title": "Color", "type": "string"},
            "d": {
                "type": "array",
                "items": {"enum": ["red", "blue"], "title": "Color", "type": "string"},
            },
        }

    def test_a_type_inside_itself_ends_as_anything(self) -> None:
        schema = form(part("n", Node))
        assert "$ref" not in str(schema)
        assert schema["properties"]["n"]["properties"]["children"]["items"] == {}

    def test_a_property_called_like_a_reference(self) -> None:
        class Refers(BaseModel):
            ref: int = Field(alias="$ref")

        assert "$ref" in form(part("r", Refers))["properties"]["r"]["properties"]
