"""The success envelope."""

import dataclasses
import importlib

import pytest
from pydantic import ValidationError

from mic.contracts import HttpSuccessEnvelope, PageMeta, StrictSchema, wrap_http_success


class Base(StrictSchema):
    x: int


class Derived(Base):
    y: int


@dataclasses.dataclass
class Point:
    x: int


def test_the_published_module_imports() -> None:
    module = importlib.import_module("mic.contracts.envelope")
    assert module.wrap_http_success is wrap_http_success
    assert module.HttpSuccessEnvelope is HttpSuccessEnvelope


def test_meta_is_always_written() -> None:
    assert wrap_http_success({"a": 1}).model_dump_json() == (
        '{"success":true,"data":{"a":1},"meta":null}'
    )
    assert wrap_http_success(None, meta={"b": 2}).model_dump_json() == (
        '{"success":true,"data":null,"meta":{"b":2}}'
    )


def test_the_payload_is_kept_as_it_is() -> None:
    for payload in ([1], {"a": object()}, Derived(x=1, y=2), Point(1)):
        assert wrap_http_success(payload).data is payload


def test_a_subclass_is_written_as_what_it_is() -> None:
    derived = Derived(x=1, y=2)
    assert wrap_http_success(derived).model_dump(mode="json")["data"] == {"x": 1, "y": 2}
    assert wrap_http_success([derived]).model_dump(mode="json")["data"] == [{"x": 1, "y": 2}]
    assert wrap_http_success({"p": Point(3)}).model_dump(mode="json")["data"] == {"p": {"x": 3}}


def test_a_type_argument_keeps_a_subclass_from_leaking() -> None:
    envelope = HttpSuccessEnvelope[Base](data=Derived(x=1, y=2))
    assert envelope.model_dump_json() == '{"success":true,"data":{"x":1},"meta":null}'


def test_a_reader_validates_and_survives_newer_members() -> None:
    text = '{"success":true,"data":{"x":1},"meta":{"limit":5},"added":1}'
    envelope = HttpSuccessEnvelope[Base].model_validate_json(text)
    assert (envelope.data, envelope.meta) == (Base(x=1), {"limit": 5})
    with pytest.raises(ValidationError, match="Input should be True"):
        HttpSuccessEnvelope[Base].model_validate_json(text.replace("true", "false"))


def test_an_envelope_is_frozen() -> None:
    envelope = wrap_http_success(1)
    with pytest.raises(ValidationError, match="Instance is frozen"):
        envelope.data = 2


def test_page_meta_goes_into_meta() -> None:
    meta = PageMeta(limit=20, next_cursor="abc").model_dump()
    assert wrap_http_success([], meta=meta).meta == {
        "limit": 20,
        "next_cursor": "abc",
        "total": None,
    }


@pytest.mark.parametrize("wrong", [{"limit": 0}, {"limit": 1, "total": -1}, {}])
def test_page_meta_counts_make_sense(wrong: dict[str, int]) -> None:
    with pytest.raises(ValidationError, match="1 validation error for PageMeta"):
        PageMeta.model_validate(wrong)
