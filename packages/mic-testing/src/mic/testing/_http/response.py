"""What came back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any

from mic.testing._http.asgi import HeaderLines


class Headers:
    """What every kind of answer says about its header fields. Names are found in any case."""

    __slots__ = ()
    raw_headers: HeaderLines | tuple[tuple[bytes, bytes], ...]

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """The header fields in the order sent, names and values as sent, read as latin-1."""
        return tuple(
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in self.raw_headers
        )

    def header_list(self, name: str) -> tuple[str, ...]:
        """Every value of a header."""
        return tuple(value for key, value in self.headers if key.lower() == name.lower())

    def header(self, name: str) -> str | None:
        """The value of a header; `None` when it was not sent.

        Raises:
            AssertionError: It was sent more than once: ask `header_list`.
        """
        values = self.header_list(name)
        if len(values) > 1:
            msg = f"header {name} was sent {len(values)} times"
            raise AssertionError(msg)
        return values[0] if values else None

    @property
    def cookies(self) -> Mapping[str, str]:
        """Name and value of every cookie that was set; of a name set twice the last."""
        found: dict[str, str] = {}
        for line in self.header_list("set-cookie"):
            found.update({name: morsel.value for name, morsel in SimpleCookie(line).items()})
        return found


@dataclass(frozen=True, slots=True)
class RouteResponse(Headers):
    """A whole answer.

    Attributes:
        status_code: The status; 499 when the client had left and nothing was sent.
        raw_headers: The header lines exactly as the application sent them, in order.
        body: The body exactly as the application sent it.
        answered: Whether the application sent an answer.
        error: What the application raised after its answer, or `None`. A server logs it, and
            aborts the connection when the answer was not complete.
        complete: Whether the answer came to its end; `False` is an aborted connection.
    """

    status_code: int
    raw_headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    answered: bool = True
    error: BaseException | None = None
    complete: bool = True

    @property
    def text(self) -> str:
        """The body as UTF-8."""
        return self.body.decode()

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)
