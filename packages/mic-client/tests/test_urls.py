from __future__ import annotations

from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic.client._urls import BaseUrl
from mic.model import DomainError

BASE = BaseUrl("https://Stock.example:443/v1/", "base_url")


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("", "must not be empty"),
        ("/v1", "must be an absolute http or https URL"),
        ("stock.example", "must be an absolute"),
        ("ftp://stock.example", "must be an absolute"),
        ("http://", "must be an absolute"),
        ("http:///v1", "must be an absolute"),
        ("http://a:b/", "must be an absolute"),
        ("http://user@stock.example", "must not hold a user name"),
        ("http://user:password@stock.example", "must not hold a user name"),
        ("http://stock.example?a=1", "must not hold a query"),
        ("http://stock.example#a", "must not hold a query"),
        ("http://stock.example/a\\b", "must not hold a query"),
        ("http://stock.example/%2e%2e/a", "must not hold the segment"),
    ],
)
def test_a_base_url_is_checked(text: str, match: str) -> None:
    with pytest.raises(ValueError, match=match) as caught:
        BaseUrl(text, "base_url")
    assert "password" not in str(caught.value).replace("or a password", "")


def test_a_base_url_is_a_text() -> None:
    wrong: Any = b"http://stock.example"
    with pytest.raises(TypeError, match="base_url must be a text"):
        BaseUrl(wrong, "base_url")
    assert BaseUrl(httpx.URL("http://stock.example"), "base_url").origin == "http://stock.example"


def test_the_origin() -> None:
    assert BASE.origin == "https://stock.example"
    assert BaseUrl("http://stock.example:8080", "base_url").origin == "http://stock.example:8080"
    assert BaseUrl("http://[::1]:80/a", "base_url").origin == "http://[::1]"


def test_a_base_without_a_path() -> None:
    base = BaseUrl("http://stock.example", "base_url")
    assert str(base.resolve("")) == "http://stock.example"
    assert str(base.resolve("?a=1")) == "http://stock.example?a=1"
    assert str(base.resolve("a")) == "http://stock.example/a"


def test_a_url_is_parsed_once() -> None:
    assert BASE.resolve("/items") is BASE.resolve("/items")
    long = "/items/" + "a" * 300
    assert BASE.resolve(long) is not BASE.resolve(long)
    assert BASE.resolve(long) == BASE.resolve(long)


def test_what_errors_show() -> None:
    assert BASE.shown(BASE.resolve("/items?secret=1")) == "https://stock.example/v1/items"


DOTS = ["..", ".", "%2e", "%2E", "/", "//", "\\", "%2f", "%5c"]
NAMES = ["a", "v1", "@", ":", "?", "#", ";", "%", "http:", "https:", "stock.example"]
PIECES = st.sampled_from([*DOTS, *NAMES, "https://stock.example", "evil.example"])


@given(st.lists(PIECES, max_size=8).map("".join))
def test_however_it_is_spelled(text: str) -> None:
    try:
        url = BASE.resolve(text)
    except DomainError as error:
        refused = error.code
    else:
        refused = ""
        assert (url.scheme, url.host, url.port, url.userinfo) == (
            "https",
            "stock.example",
            None,
            b"",
        )
        path = url.raw_path.partition(b"?")[0].lower()
        decoded = path.replace(b"%2e", b".").replace(b"%2f", b"/").replace(b"%5c", b"/")
        assert (decoded + b"/").startswith(b"/v1/")
        assert b".." not in decoded.split(b"/")
    assert refused in {"", "client.foreign_origin", "client.invalid_request"}
