import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic.redaction import RedactionPolicy, redact_drop
from mic.testing._canary_shapes import RULED_NAMES, SHAPES, forms_of, readings_of

VALUE = "CANARY0001ABCDEFGHJKLMNPQRSTUV"


def found(output: bytes) -> bool:
    return any(
        form.lower() in reading.lower()
        for reading in readings_of(output)
        for form in forms_of(VALUE)
    )


@pytest.mark.parametrize("shape", SHAPES)
def test_a_policy_with_the_rules_lets_no_shape_out(shape: str) -> None:
    policy = RedactionPolicy(dict.fromkeys(RULED_NAMES, redact_drop))
    written = json.dumps(policy.apply(SHAPES[shape](VALUE))).encode()
    assert not found(written)


@pytest.mark.parametrize("shape", [name for name in SHAPES if name != "a Secret"])
def test_without_a_policy_every_shape_comes_out(shape: str) -> None:
    assert found(json.dumps(RedactionPolicy.none().apply(SHAPES[shape](VALUE))).encode())


@pytest.mark.parametrize(
    "written",
    [
        VALUE,
        VALUE.lower(),
        repr(VALUE),
        json.dumps({"x": f'"{VALUE}"'}),
        "".join(f"%{byte:02X}" for byte in VALUE.encode()),
        quote("".join(f"%{byte:02X}" for byte in VALUE.encode())),
        "".join(f"\\u{ord(letter):04x}" for letter in VALUE),
        VALUE.encode().hex(),
        VALUE.encode().hex().upper(),
    ],
)
def test_a_value_is_recognised_however_it_was_escaped(written: str) -> None:
    assert found(f"before {written} after".encode())


@given(st.binary(max_size=40), st.binary(max_size=40), st.booleans())
def test_a_value_is_recognised_within_any_base64(before: bytes, after: bytes, url: bool) -> None:
    encode = base64.urlsafe_b64encode if url else base64.b64encode
    assert found(b"Basic " + encode(before + VALUE.encode() + after))


@given(st.binary(max_size=200))
def test_nothing_is_found_where_nothing_is(output: bytes) -> None:
    assert not found(output)
