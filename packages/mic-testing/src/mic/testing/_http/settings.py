"""What the clients share: settings, and one method a verb."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, Unpack

from mic.testing._http.request import AsgiRequest, Pairs, RequestOptions, build_request

R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientOptions:
    """What a client sends with every request, and how it waits.

    Attributes:
        headers: Header fields of every request, before those of the request itself.
        root_path: The mount point that the server puts in front of every path.
        client: Address and port of the peer; `None` for a Unix socket.
        scheme: `http` or `https`.
        http_version: `1.0`, `1.1`, `2` or `3`.
        extensions: ASGI extensions that the server offers, such as `http.response.pathsend`.
        raise_errors: Whether an exception that the application lets out (after its 500, as a server
            would log it) is raised in the test. `False` leaves it in `RouteResponse.error`.
        timeout_seconds: The longest time for one request; for a stream, for each of its steps.
        max_body_bytes: The longest body of an answer that is read whole.
    """

    headers: Pairs = ()
    root_path: str = ""
    client: tuple[str, int] | None = ("127.0.0.1", 50000)
    scheme: str = "http"
    http_version: str = "1.1"
    extensions: Mapping[str, Any] = field(default_factory=dict)
    raise_errors: bool = True
    timeout_seconds: float = 10.0
    max_body_bytes: int = 67_108_864

    def build(self, method: str, path: str, options: RequestOptions) -> AsgiRequest:
        """Make one request."""
        return build_request(
            method,
            path,
            options,
            root_path=self.root_path,
            client=self.client,
            scheme=self.scheme,
            http_version=self.http_version,
            headers=self.headers,
            extensions=self.extensions,
        )


class Verbs(ABC, Generic[R]):
    """One method a verb. `R` is what a request gives: the answer, or a coroutine of it."""

    @abstractmethod
    def request(self, method: str, path: str, **options: Unpack[RequestOptions]) -> R:
        """Send a request of any method."""
        ...

    def get(self, path: str, **options: Unpack[RequestOptions]) -> R:
        """Send a GET request."""
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Unpack[RequestOptions]) -> R:
        """Send a POST request."""
        return self.request("POST", path, **options)

    def put(self, path: str, **options: Unpack[RequestOptions]) -> R:
        """Send a PUT request."""
        return self.request("PUT", path, **options)

    def patch(self, path: str, **options: Unpack[RequestOptions]) -> R:
        """Send a PATCH request."""
        return self.request("PATCH", path, **options)

    def delete(self, path: str, **options: Unpack[RequestOptions]) -> R:
        """Send a DELETE request."""
        return self.request("DELETE", path, **options)

    def head(self, path: str, **options: Unpack[RequestOptions]) -> R:
        """Send a HEAD request."""
        return self.request("HEAD", path, **options)

    def options(self, path: str, **options: Unpack[RequestOptions]) -> R:
        """Send an OPTIONS request."""
        return self.request("OPTIONS", path, **options)
