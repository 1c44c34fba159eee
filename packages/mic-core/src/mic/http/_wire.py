"""The messages of ASGI as every part of `mic.http` reads and writes them: headers that are looked
for, a plain answer on its way out, and whether an answer has begun.
"""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass, field

from mic.http._types import Message, RawHeaders, Send


def pick_headers(headers: RawHeaders, wanted: frozenset[bytes]) -> dict[bytes, bytes]:
    """The wanted headers in one pass; lines of one name are joined, so that no second one hides
    (RFC 9110, section 5.3).
    """
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        if name in wanted:
            found[name] = found[name] + b", " + value if name in found else value
    return found


@dataclass(slots=True)
class Answer:
    """Status, ordered raw headers and the whole body."""

    status: int
    headers: RawHeaders = field(default_factory=list)
    body: bytes = b""

    def messages(self, *, head: bool = False) -> tuple[Message, Message]:
        """The one pair of messages that sends it; the body of an answer to HEAD is left out, its
        headers stay.
        """
        return (
            {"type": "http.response.start", "status": self.status, "headers": self.headers},
            {"type": "http.response.body", "body": b"" if head else self.body},
        )


async def send_answer(send: Send, answer: Answer, *, head: bool = False) -> None:
    """Send a plain answer; to HEAD without its body."""
    for message in answer.messages(head=head):
        await send(message)


class Started:
    """A `send` that remembers whether an answer has begun.

    Attributes:
        yes: Whether it has.
        answer: What was kept back of it: nothing.
    """

    __slots__ = ("_send", "yes")

    answer: Answer | None = None

    def __init__(self, send: Send) -> None:
        self._send = send
        self.yes = False

    def __call__(self, message: Message) -> Awaitable[None]:
        """Pass a message on."""
        self.yes = True
        return self._send(message)


class Outlet:
    """A `send` that keeps a plain answer back, and passes anything else on as it comes.

    Attributes:
        yes: Whether an answer has begun.
        answer: The plain answer, once it is whole.
    """

    __slots__ = ("_send", "_start", "answer", "yes")

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None
        self.answer: Answer | None = None
        self.yes = False

    async def __call__(self, message: Message) -> None:
        """Keep a message or pass it on."""
        self.yes = True
        start = self._start
        if message["type"] == "http.response.start":
            self._start = message
        elif start is None:
            await self._send(message)
        elif message["type"] == "http.response.body" and not message.get("more_body", False):
            self._start = None
            headers = list(start.get("headers", ()))
            self.answer = Answer(start["status"], headers, message.get("body", b""))
        else:
            self._start = None
            await self._send(start)
            await self._send(message)
