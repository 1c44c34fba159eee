"""Contract suites, clocks and test helpers of the mic family."""

from typing import TYPE_CHECKING

from mic.testing._eventually import aeventually, eventually
from mic.testing._lazy import make_lazy_names
from mic.testing.clock import ManualClock

if TYPE_CHECKING:
    from mic.testing._loop_guard import LoopGuard as LoopGuard
    from mic.testing._loop_guard import LoopHold as LoopHold
    from mic.testing.route_client import AsyncRouteClient as AsyncRouteClient
    from mic.testing.route_client import ClientOptions as ClientOptions
    from mic.testing.route_client import RouteClient as RouteClient
    from mic.testing.route_client import RouteResponse as RouteResponse
    from mic.testing.route_client import ServerProtocolError as ServerProtocolError

__getattr__, __dir__ = make_lazy_names(
    __name__,
    {
        "AsyncRouteClient": "mic.testing.route_client",
        "ClientOptions": "mic.testing.route_client",
        "LoopGuard": "mic.testing._loop_guard",
        "LoopHold": "mic.testing._loop_guard",
        "RouteClient": "mic.testing.route_client",
        "RouteResponse": "mic.testing.route_client",
        "ServerProtocolError": "mic.testing.route_client",
    },
)

__all__ = ["ManualClock", "aeventually", "eventually"]
