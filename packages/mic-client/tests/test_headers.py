from __future__ import annotations

from typing import Any

import httpx
import pytest

from mic.client._headers import CallerHeaders, is_sendable
from mic.model import DomainError


def test_each_name_once_in_any_case() -> None:
    given = CallerHeaders([("X-A", "1"), ("x-a", "2"), ("AUTHORIZATION", "stolen")])
    assert ("x-a" in given, "authorization" in given) == (True, False)
    assert given.with_ours({"x-a": "3", "authorization": "ours"}) == [
        (b"X-A", b"1"),
        (b"x-a", b"2"),
        ("authorization", "ours"),
    ]


@pytest.mark.parametrize("given", [{"a": "1\n"}, {"a\r": "1"}, {"a": "\x00"}, {"a": "\u2603"}])
def test_what_cannot_be_sent(given: Any) -> None:
    with pytest.raises(DomainError, match="the request has a header that cannot be sent") as caught:
        CallerHeaders(given)
    assert caught.value.__context__ is None


def test_what_is_no_text() -> None:
    wrong: Any = {"a": 1}
    with pytest.raises(TypeError, match=r"must be texts|must be str"):
        CallerHeaders(wrong)


def test_what_an_older_httpx_says_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def older(given: Any) -> Any:
        raise AttributeError("'int' object has no attribute 'encode'")

    monkeypatch.setattr(httpx, "Headers", older)
    with pytest.raises(TypeError, match="names and values of headers must be texts"):
        CallerHeaders({"a": "1"})


@pytest.mark.parametrize(
    ("name", "value", "sendable"),
    [
        ("x-a", "1", True),
        ("x-a", "", True),
        ("", "1", False),
        ("x a", "1", False),
        ("x-a", "1\n", False),
        ("x-a\n", "1", False),
        ("x-a", "\u00e9", False),
        (b"x-a", "1", False),
        ("x-a", 1, False),
    ],
)
def test_what_others_write(name: Any, value: Any, sendable: bool) -> None:
    assert is_sendable(name, value) is sendable
