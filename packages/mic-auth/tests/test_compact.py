import base64
import contextlib
import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic.auth._compact import digest_of, parse
from mic.auth._refusals import RefusalError

Forge = Callable[..., str]


def test_the_parts(forge: Forge) -> None:
    token = forge({"iss": "a"}, header={"alg": "HS256", "kid": "k"}, signature=b"signature")
    compact = parse(token)
    assert (compact.algorithm, compact.kid) == ("HS256", "k")
    assert compact.payload == {"iss": "a"}
    assert compact.message.decode() == token.rpartition(".")[0]
    assert compact.signature == b"signature"
    assert parse(forge({}, header={})).algorithm is None


@pytest.mark.parametrize("typ", ["JWT", "jwt", "Jwt"])
def test_types_that_are_taken(forge: Forge, typ: str) -> None:
    assert parse(forge({}, header={"alg": "HS256", "typ": typ})).payload == {}
    assert parse(forge({}, header={"alg": "HS256", "x": 1})).payload == {}


@pytest.mark.parametrize(
    "header",
    [
        *({"typ": typ} for typ in ("at+jwt", "", None, 1, ["JWT"])),
        {"crit": ["exp"]},
        {"b64": True},
        {"b64": False, "crit": ["b64"]},
        {"jku": "https://evil.example/keys"},
        {"jwk": {"kty": "oct", "k": "AAAA"}},
        {"x5u": "https://evil.example/cert"},
        {"x5c": []},
        {"zip": "DEF"},
        *({"kid": kid} for kid in ("", "x" * 129, "../../etc/passwd", "a\n", None, 1, ["k"])),
    ],
)
def test_headers_that_are_refused(forge: Forge, header: dict[str, Any]) -> None:
    with pytest.raises(RefusalError, match="malformed") as caught:
        parse(forge({}, header={"alg": "HS256", **header}))
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    "document",
    [
        b"[]",
        b"null",
        b'"text"',
        b"1",
        b"{",
        b"",
        b"\xff{}",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": -Infinity}',
        b'{"a": 1e999}',
        b'{"a": "\\ud800"}',
        b'{"\\udfff": 1}',
        b"[" * 3000,
        b'{"a":' * 2000 + b"1" + b"}" * 2000,
        b'{"a":' * 65 + b"1" + b"}" * 65,
        b'{"a":' + b"[" * 64 + b"]" * 64 + b"}",
        b'{"a": ' + b"9" * 5000 + b"}",
        '{"a": 1}'.encode("utf-16"),
    ],
)
def test_payloads_that_are_refused(forge: Forge, document: bytes) -> None:
    with pytest.raises(RefusalError, match="malformed") as caught:
        parse(forge(document))
    assert caught.value.__context__ is None


@pytest.mark.parametrize("document", [b"[]", b"{", b"\xff", b"[" * 6000, b"null"])
def test_headers_that_are_no_objects(forge: Forge, document: bytes) -> None:
    with pytest.raises(RefusalError, match="malformed"):
        parse(forge({}, header=document))


def test_text_beyond_ascii_is_read(forge: Forge) -> None:
    assert parse(forge({"a": "é\U0001f600\\"})).payload == {"a": "é\U0001f600\\"}
    assert parse(forge(json.dumps({"a": "é"}, ensure_ascii=False).encode())).payload == {"a": "é"}


@pytest.mark.parametrize(
    "token",
    ["a", "a.b", "..", "a..b", ".a.b", "a.b.", "a.b.c.d", "a.b.c\n", "a b.c.d", "e30.e30.!!", "é"],
)
def test_shapes_that_are_refused(token: str) -> None:
    with pytest.raises(RefusalError, match="malformed"):
        parse(token)


def test_padding_is_refused(forge: Forge) -> None:
    head, payload, signature = forge({"a": 1}, signature=b"x").split(".")
    padded = base64.urlsafe_b64encode(b"x").decode()
    with pytest.raises(RefusalError, match="malformed"):
        parse(f"{head}.{payload}.{padded}")
    with pytest.raises(RefusalError, match="malformed"):
        parse(f"{head}.{payload}=.{signature}")


@given(st.text(alphabet="eyJ0.aA-_=9", max_size=60))
def test_anything_else_is_malformed_and_no_other_error(token: str) -> None:
    with pytest.raises(RefusalError, match="malformed"):
        parse(token)


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_any_bytes_in_the_segments(header: bytes, payload: bytes) -> None:
    def encode(raw: bytes) -> str:
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

    token = f"{encode(header)}.{encode(payload)}.AAAA"
    # Hardly ever an object: then it is malformed, and no other error comes out.
    with contextlib.suppress(RefusalError):
        assert isinstance(parse(token).payload, dict)


def test_the_digest() -> None:
    assert digest_of("abc", 3) == hashlib.sha256(b"abc").digest()


@pytest.mark.parametrize("token", [None, b"abc", 1, "", "abcd", "é", ["abc"]])
def test_what_has_no_digest(token: object) -> None:
    with pytest.raises(RefusalError, match="invalid_token"):
        digest_of(token, 3)


@pytest.mark.parametrize(
    "document",
    [
        b'{"a":' * 64 + b"1" + b"}" * 64,
        b'{"a":[' + b"[]," * 99 + b"[]]}",
        b'{"a": "' + b"{" * 99 + b'"}',
    ],
)
def test_depth_is_bounded_and_width_is_not(forge: Forge, document: bytes) -> None:
    compact = parse(forge(document))
    assert compact.payload.keys() == {"a"}
