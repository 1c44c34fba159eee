"""Clients that call routes, or any ASGI application, in process: no server, no socket."""

from mic.testing._http.async_client import AsyncRouteClient, AsyncStreamedResponse
from mic.testing._http.exchange import ServerProtocolError
from mic.testing._http.request import RequestOptions
from mic.testing._http.response import RouteResponse
from mic.testing._http.settings import ClientOptions
from mic.testing._http.sync_client import RouteClient, StreamedResponse

__all__ = [
    "AsyncRouteClient",
    "AsyncStreamedResponse",
    "ClientOptions",
    "RequestOptions",
    "RouteClient",
    "RouteResponse",
    "ServerProtocolError",
    "StreamedResponse",
]
