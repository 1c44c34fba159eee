"""A plain answer on its way out: status, raw headers, bytes. And the two messages that send it."""

from __future__ import annotations

from dataclasses import dataclass, field

from mic.http._types import RawHeaders, Send


@dataclass(slots=True)
class Answer:
    """Status, ordered raw headers and the whole body."""

    status: int
    headers: RawHeaders = field(default_factory=list)
    body: bytes = b""


async def send_answer(send: Send, answer: Answer, *, head: bool = False) -> None:
    """Send a plain answer in one pair of messages; the body of an answer to HEAD is left out, its
    headers stay.
    """
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    await send({"type": "http.response.body", "body": b"" if head else answer.body})
