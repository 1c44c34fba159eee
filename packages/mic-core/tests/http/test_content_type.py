import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic.http._content_type import ContentType, content_type_of, parse_content_type


@pytest.mark.parametrize(
    ("field", "parsed"),
    [
        ("application/json", ContentType("application/json")),
        (" Application/JSON ", ContentType("application/json")),
        ("text/plain; charset=UTF-8", ContentType("text/plain", "UTF-8")),
        ('text/plain;CHARSET="utf-8"', ContentType("text/plain", "utf-8")),
        (
            "multipart/form-data; boundary=----x; charset=utf-8",
            ContentType("multipart/form-data", "utf-8", "----x"),
        ),
        (
            r'multipart/form-data; boundary="a;\"b"',
            ContentType("multipart/form-data", None, 'a;"b'),
        ),
        ("a/b; boundary=1; boundary=2", ContentType("a/b", None, "1")),
        ("a/b; boundary=", ContentType("a/b", None, "")),
        ("a/b; broken; boundary=1", ContentType("a/b")),
        ('a/b; boundary="open', ContentType("a/b")),
        ("a/b;", ContentType("a/b")),
        ("", ContentType()),
    ],
)
def test_parse(field: str, parsed: ContentType) -> None:
    assert parse_content_type(field) == parsed


@pytest.mark.parametrize(
    ("charset", "is_utf8"),
    [
        (None, True),
        ("utf-8", True),
        ("UTF8", True),
        ("us-ascii", True),
        ("latin-1", False),
        ("utf-7", False),
        ("", False),
    ],
)
def test_is_utf8(charset: str | None, is_utf8: bool) -> None:
    assert ContentType("a/b", charset).is_utf8 is is_utf8


def test_of_a_request() -> None:
    headers = [(b"accept", b"x/y"), (b"content-type", b"a/b"), (b"content-type", b"c/d")]
    assert content_type_of({"headers": headers}) == ContentType("a/b")
    assert content_type_of({"headers": []}) == ContentType()


@given(st.text())
def test_no_value_breaks_it(field: str) -> None:
    assert parse_content_type(field).media_type == field.partition(";")[0].strip().lower()


def test_is_linear() -> None:
    assert parse_content_type("a/b" + '; x="' + "\\" * 100_000).boundary is None
    assert parse_content_type("a/b" + "; x=1" * 50_000 + "; boundary=2").boundary == "2"
