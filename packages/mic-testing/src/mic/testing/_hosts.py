"""The hosts that routes run on, and how an application of each is made."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar, cast

from mic.testing._http.asgi import ASGIApp
from mic.testing.route_client import AsyncRouteClient, RouteClient

if TYPE_CHECKING:
    from mic.http import HttpOptions, HttpRouteSpec, MicStack
    from mic.testing.route_client import ClientOptions

ClientT = TypeVar("ClientT", RouteClient, AsyncRouteClient)


class AppBuilder(Protocol):
    """Makes an application of one host, as `build_asgi_app` and its siblings do."""

    def __call__(
        self,
        *,
        routes: Iterable[HttpRouteSpec],
        options: HttpOptions | None = None,
        stack: MicStack | None = None,
    ) -> ASGIApp:
        """Make the application."""
        ...


class HostAbsentError(Exception):
    """The adapter of a host is not installed; the message says what to install."""


@dataclass(frozen=True, slots=True)
class Host:
    """One host.

    Attributes:
        name: Its name in test ids.
        module: The portion that adapts it.
        function: Makes the application.
        distribution: What to install.
    """

    name: str
    module: str
    function: str
    distribution: str

    def builder(self) -> AppBuilder:
        """Import the adapter and give its builder.

        Raises:
            HostAbsentError: It is not installed. An import error inside it passes untouched.
        """
        try:
            module = importlib.import_module(self.module)
        except ModuleNotFoundError as error:
            if error.name != self.module:
                raise
            msg = f'{self.name} is not installed: pip install "{self.distribution}"'
            raise HostAbsentError(msg) from None
        return cast("AppBuilder", getattr(module, self.function))


HOSTS = {
    host.name: host
    for host in (
        Host("asgi", "mic.http", "build_asgi_app", "mic-core"),
        Host("fastapi", "mic.fastapi", "build_fastapi_app", "mic-http-fastapi"),
        Host("litestar", "mic.litestar", "build_litestar_app", "mic-http-litestar"),
    )
}


class AppClients(Generic[ClientT]):
    """Makes clients of routes on one host; `app_client` and `async_app_client` give one.

    Args:
        host: The host.
        client_class: The kind of client.

    Raises:
        HostAbsentError: The adapter is not installed.
    """

    def __init__(self, host: Host, client_class: type[ClientT]) -> None:
        self.host = host.name
        self._build = host.builder()
        self._client_class: type[ClientT] = client_class
        self._made: list[ClientT] = []

    def __call__(
        self,
        routes: Iterable[HttpRouteSpec],
        *,
        options: HttpOptions | None = None,
        stack: MicStack | None = None,
        settings: ClientOptions | None = None,
    ) -> ClientT:
        """Make an application of these routes on this host, and a client of it."""
        app = self._build(routes=routes, options=options, stack=stack)
        client: ClientT = self._client_class.for_app(app, settings=settings)
        self._made.append(client)
        return client

    def close(self) -> None:
        """Close the clients that have something to close."""
        for client in self._made:
            if isinstance(client, RouteClient):
                client.close()
