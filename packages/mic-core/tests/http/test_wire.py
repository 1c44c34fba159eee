from typing import Any

import pytest

from mic.http._wire import Answer, Outlet, Started, pick_headers, send_answer


@pytest.mark.parametrize(("head", "body"), [(False, b"x"), (True, b"")])
async def test_an_answer_is_one_pair_of_messages(head: bool, body: bytes) -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    await send_answer(send, Answer(200, [(b"a", b"1")], b"x"), head=head)
    assert sent == [
        {"type": "http.response.start", "status": 200, "headers": [(b"a", b"1")]},
        {"type": "http.response.body", "body": body},
    ]


START = {"type": "http.response.start", "status": 201, "headers": [(b"a", b"1")]}
MORE = {"type": "http.response.body", "body": b"x", "more_body": True}
END = {"type": "http.response.body", "body": b"y"}


class Wire:
    def __init__(self) -> None:
        self.sent: list[Any] = []

    async def __call__(self, message: Any) -> None:
        self.sent.append(message)


async def test_started_passes_everything_on() -> None:
    wire = Wire()
    started = Started(wire)
    assert (started.yes, started.answer) == (False, None)
    await started(START)
    assert (started.yes, started.answer, wire.sent) == (True, None, [START])


@pytest.mark.parametrize(
    ("messages", "kept", "sent"),
    [
        ([], None, []),
        ([START], None, []),
        ([START, END], Answer(201, [(b"a", b"1")], b"y"), []),
        ([START, MORE, END], None, [START, MORE, END]),
        ([START, {"type": "http.response.pathsend", "path": "/f"}], None, ["all"]),
        ([{"type": "http.response.debug"}], None, ["all"]),
    ],
)
async def test_an_outlet_keeps_a_plain_answer_back_and_nothing_else(
    messages: list[Any], kept: Answer | None, sent: list[Any]
) -> None:
    wire = Wire()
    outlet = Outlet(wire)
    for message in messages:
        await outlet(message)
    assert outlet.yes is bool(messages)
    assert outlet.answer == kept
    assert wire.sent == (messages if sent == ["all"] else sent)


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ([], {}),
        ([(b"b", b"1")], {}),
        ([(b"a", b"1"), (b"b", b"2"), (b"c", b"3")], {b"a": b"1", b"c": b"3"}),
        ([(b"a", b"1"), (b"a", b"2")], {b"a": b"1, 2"}),
    ],
)
def test_no_second_line_of_a_header_hides(
    headers: list[tuple[bytes, bytes]], found: dict[bytes, bytes]
) -> None:
    assert pick_headers(headers, frozenset({b"a", b"c"})) == found
