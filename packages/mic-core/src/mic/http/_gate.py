"""What a compiled route asks of the gate around it."""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from mic.http._auth_mode import AuthMode
    from mic.http.auth_gate import AuthDecision
    from mic.http.request_context import HttpRequestContext


class RouteGate(Protocol):
    """A gate that entered the request state (`RequestState.gates`) and can decide for a route that
    it could not see itself.
    """

    async def decide(self, context: "HttpRequestContext", mode: "AuthMode") -> "AuthDecision":
        """Decide for this request as if its route had `mode`."""
        ...
