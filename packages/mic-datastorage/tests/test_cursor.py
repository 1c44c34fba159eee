"""The cursor of keyset pages."""

import base64
import json
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic.datastorage import AnyOf, Condition, InvalidCursorError, InvalidQueryError, Op, Order
from mic.datastorage.query import decode_cursor, encode_cursor, spec_fingerprint

SECRET = b"a secret of more than 16 bytes"
KEYS = st.lists(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.datetimes(timezones=st.none() | st.just(UTC))
    | st.dates()
    | st.times()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.uuids()
    | st.binary(),
    max_size=5,
)


class Colour(StrEnum):
    red = "red"


def _text(body: bytes) -> str:
    return base64.urlsafe_b64encode(body).rstrip(b"=").decode()


@given(keys=KEYS, secret=st.none() | st.just(SECRET))
def test_keys_come_back_with_their_types(keys: list[Any], secret: bytes | None) -> None:
    cursor = encode_cursor(keys, fingerprint="f", secret=secret)
    assert set(cursor) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    if len(cursor) <= 8192:
        decoded = decode_cursor(cursor, fingerprint="f", count=len(keys), secret=secret)
        assert decoded == tuple(keys)
        assert [type(key) for key in decoded] == [type(key) for key in keys]


def test_the_text_has_the_documented_form() -> None:
    moment = datetime(2024, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=2)))
    cursor = encode_cursor([moment, Decimal("1.50"), UUID(int=1), None, "a"], fingerprint="0123")
    padded = cursor + "=" * (-len(cursor) % 4)
    assert json.loads(base64.urlsafe_b64decode(padded)) == {
        "v": 1,
        "h": "0123",
        "k": [
            ["datetime", "2024-01-02T03:04:05.000000+02:00"],
            ["decimal", "1.50"],
            ["uuid", "00000000-0000-0000-0000-000000000001"],
            None,
            "a",
        ],
    }


@pytest.mark.parametrize(
    "value", [Colour.red, float("nan"), float("inf"), object(), [1], timedelta(1)]
)
def test_a_key_that_has_no_order_of_its_own_is_refused(value: Any) -> None:
    with pytest.raises(InvalidQueryError, match="sort key"):
        encode_cursor([value], fingerprint="f")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"v":1,"h":"f"}',
        b'{"v":1,"h":"f","k":1}',
        b'{"v":2,"h":"f","k":[1]}',
        b'{"v":1,"h":"g","k":[1]}',
        b'{"v":1,"h":1,"k":[1]}',
        b'{"v":1,"h":"f","k":[1,2]}',
        b'{"v":1,"h":"f","k":[{"a":1}]}',
        b'{"v":1,"h":"f","k":[["unknown","x"]]}',
        b'{"v":1,"h":"f","k":[["uuid"]]}',
        b'{"v":1,"h":"f","k":[["uuid","x"]]}',
        b'{"v":1,"h":"f","k":[["uuid",1]]}',
        b'{"v":1,"h":"f","k":[["datetime","yesterday"]]}',
        b'{"v":1,"h":"f","k":[["decimal","x"]]}',
        b'{"v":1,"h":"f","k":[NaN]}',
        b'{"v":1,"h":"f","k":[1e999]}',
        b'{"v":1,"h":"f","k":' + b"[" * 5000,
        b"\xff\xfe\xfd",
    ],
)
def test_damaged_text_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidCursorError, match="not one of this query"):
        decode_cursor(_text(body), fingerprint="f", count=1)


@given(text=st.text(max_size=40), secret=st.none() | st.just(SECRET))
def test_no_text_makes_it_fail_otherwise(text: str, secret: bytes | None) -> None:
    with pytest.raises(InvalidCursorError, match="not one of this query"):
        decode_cursor(text, fingerprint="0123456789ab", count=1, secret=secret)


def test_no_change_of_a_signed_cursor_is_accepted() -> None:
    cursor = encode_cursor([1, "a"], fingerprint="f", secret=SECRET)
    assert decode_cursor(cursor, fingerprint="f", count=2, secret=SECRET) == (1, "a")
    body = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    for place in range(len(body)):
        changed = bytearray(body)
        changed[place] ^= 1
        with pytest.raises(InvalidCursorError, match="not one of this query"):
            decode_cursor(_text(bytes(changed)), fingerprint="f", count=2, secret=SECRET)


def test_a_cursor_is_bounded_and_a_text() -> None:
    for cursor in ("A" * 8193, None, 1):
        with pytest.raises(InvalidCursorError, match="not one of this query"):
            decode_cursor(cursor, fingerprint="f", count=1)  # type: ignore[arg-type]  # hostile


def test_the_fingerprint_tells_queries_apart_and_is_the_same_everywhere() -> None:
    def mark(*where: Condition | AnyOf, order: tuple[Order, ...] = (), name: str = "T") -> str:
        return spec_fingerprint(where, order, type_name=name)

    one = Condition("a", Op.eq, 1)
    marks = [
        mark(),
        mark(one),
        mark(Condition("a", Op.eq, "1")),
        mark(Condition("a", Op.ne, 1)),
        mark(Condition("b", Op.eq, 1)),
        mark(AnyOf((one,))),
        mark(one, order=(Order("a"),)),
        mark(one, name="U"),
        mark(Condition("d", Op.eq, date(2024, 1, 1))),
        mark(Condition("d", Op.eq, time(1))),
    ]
    assert len(set(marks)) == len(marks)
    assert mark() == "ab4799800ba4"
    sets = [Condition("a", Op.in_, members) for members in (["x", "y"], ["y", "x"], {"x", "y"})]
    assert len({mark(each) for each in sets}) == 1
