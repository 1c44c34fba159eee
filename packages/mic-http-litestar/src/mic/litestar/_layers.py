"""What Litestar's layers (app, routers) put around an answer: hooks, headers and cookies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from litestar.response import Response
from mic.http.adapter import Message, RawHeaders, Receive, Send

if TYPE_CHECKING:
    from litestar import Request
    from litestar.datastructures import Cookie
    from litestar.handlers import HTTPRouteHandler

# what a Litestar response holds elsewhere than among its headers, or cannot hold more than once
_APART = (b"content-type", b"content-length", b"set-cookie")


@dataclass(frozen=True, slots=True)
class Layers:
    """What the layers of a handler do to its answers.

    Attributes:
        after_request: The hook of the closest layer that has one.
        headers: Response headers of all layers, an answer's own come before them.
        cookies: Response cookies of all layers.
    """

    after_request: Callable[[Any], Any] | None
    headers: dict[str, str]
    cookies: tuple[Cookie, ...]

    @classmethod
    def of(cls, handler: HTTPRouteHandler) -> Layers:
        """Read the layers of a registered handler."""
        hooks = [layer.after_request for layer in handler.ownership_layers if layer.after_request]
        return cls(
            after_request=hooks[-1] if hooks else None,
            headers={
                header.name: str(header.value)
                for header in sorted(handler.resolve_response_headers(), key=lambda each: each.name)
                if not header.documentation_only
            },
            cookies=tuple(sorted(handler.resolve_response_cookies(), key=lambda each: each.key)),
        )

    @property
    def is_empty(self) -> bool:
        """Whether an answer passes as it is."""
        return self.after_request is None and not self.headers and not self.cookies

    def around(self, request: Request[Any, Any, Any], send: Send) -> Send:
        """Pass an answer through hook, headers and cookies.

        A plain answer is handed to the hook whole. Of a stream it gets status and headers with an
        empty body, because holding a stream back would hold it for ever.
        """
        return _Relay(self, request, send)

    def are_asked(self, handler: HTTPRouteHandler) -> bool:
        """Whether Litestar has anything to do for `handler`, before or after the route."""
        app = handler.app
        return bool(
            not self.is_empty
            or handler.resolve_guards()
            or handler.resolve_before_request()
            or handler.resolve_after_response()
            or app.csrf_config
            or app.compression_config
            or app.allowed_hosts
        )


class Replay:
    """A request body that may be read twice: by a hook of Litestar's, then by the route.

    What the hook reads is bounded by Litestar's `request_max_body_size`.
    """

    __slots__ = ("_receive", "_seen")

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._seen: list[Message] = []

    async def record(self) -> Message:
        """Read for the first time."""
        message = await self._receive()
        self._seen.append(message)
        return message

    async def __call__(self) -> Message:
        """Read for the second time: what was seen, and then what is left."""
        return self._seen.pop(0) if self._seen else await self._receive()


class _Relay:
    """Holds the start of an answer until it is known whether it is plain or a stream."""

    __slots__ = ("_layers", "_request", "_send", "_start")

    def __init__(self, layers: Layers, request: Request[Any, Any, Any], send: Send) -> None:
        self._layers = layers
        self._request = request
        self._send = send
        self._start: Message | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            start, self._start = self._start, None
            await self._begin(start, message)

    async def _begin(self, start: Message, first: Message) -> None:
        plain = first["type"] == "http.response.body" and not first.get("more_body", False)
        given: bytes = first.get("body", b"") if plain else b""
        status, headers, body = await self._layered(start, given)
        if body != given or status != start["status"]:
            headers = _measured(headers, status, body)
        if self._request.method == "HEAD":
            body = b""
        await self._send({**start, "status": status, "headers": headers})
        await self._send({**first, "body": body} if plain else first)

    async def _layered(self, start: Message, body: bytes) -> tuple[int, RawHeaders, bytes]:
        """Status, headers and body after the hook and the layers."""
        raw: RawHeaders = list(start["headers"])
        kept = {name: value for name, value in raw if name in _APART[:2]}
        response: Any = Response(
            body,
            status_code=start["status"],
            headers=_joined(raw),
            media_type=kept.get(b"content-type", b"application/octet-stream").decode("latin-1"),
        )
        media_type = response.media_type
        if self._layers.after_request is not None:
            response = await self._layers.after_request(response)
        if response.media_type != media_type or _names(response.headers, "content-type"):
            kept.pop(b"content-type", None)
        answer = response.to_asgi_response(
            app=None,
            request=self._request,
            headers=self._layers.headers,
            cookies=self._layers.cookies,
        )
        # Litestar counts an empty body where the answer is a stream, or one to HEAD
        taken = {*kept, b"content-length"}
        later = [pair for pair in answer.encode_headers() if pair[0] not in taken]
        cookies = [pair for pair in raw if pair[0] == b"set-cookie"]
        return answer.status_code, [*kept.items(), *later, *cookies], answer.body


def _names(headers: dict[str, Any], name: str) -> bool:
    return any(key.lower() == name for key in headers)


def _joined(raw: RawHeaders) -> dict[str, str]:
    """The headers as a Litestar response holds them: one line a name (RFC 9110, section 5.2)."""
    joined: dict[str, str] = {}
    for name, value in raw:
        if name not in _APART:
            key, text = name.decode("latin-1"), value.decode("latin-1")
            joined[key] = f"{joined[key]}, {text}" if key in joined else text
    return joined


def _measured(headers: RawHeaders, status: int, body: bytes) -> RawHeaders:
    """The headers with the length of another body."""
    rest = [pair for pair in headers if pair[0] != b"content-length"]
    return rest if status in (204, 304) else [*rest, (b"content-length", b"%d" % len(body))]
