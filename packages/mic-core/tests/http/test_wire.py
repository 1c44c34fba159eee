from typing import Any

import pytest

from mic.http._wire import Answer, send_answer


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
