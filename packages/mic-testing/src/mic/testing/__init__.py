"""Contract suites, clocks and test helpers of the mic family."""

from typing import TYPE_CHECKING

from mic.plugins import make_lazy_names
from mic.testing._eventually import aeventually, eventually
from mic.testing.clock import ManualClock

if TYPE_CHECKING:
    from mic.testing._loop_guard import LoopGuard as LoopGuard
    from mic.testing._loop_guard import LoopHold as LoopHold
    from mic.testing.canaries import Canaries as Canaries
    from mic.testing.canaries import assert_no_secrets as assert_no_secrets
    from mic.testing.captured import capture_logs as capture_logs
    from mic.testing.faults import FaultProxy as FaultProxy
    from mic.testing.harness import ProcessHarness as ProcessHarness
    from mic.testing.metrics import CapturedMetrics as CapturedMetrics
    from mic.testing.metrics import captured_metrics as captured_metrics
    from mic.testing.route_client import AsyncRouteClient as AsyncRouteClient
    from mic.testing.route_client import ClientOptions as ClientOptions
    from mic.testing.route_client import RouteClient as RouteClient
    from mic.testing.route_client import RouteResponse as RouteResponse
    from mic.testing.route_client import ServerProtocolError as ServerProtocolError
    from mic.testing.scripted_http import ScriptedHttpServer as ScriptedHttpServer
    from mic.testing.sent import count_statements as count_statements
    from mic.testing.sent import redis_monitor as redis_monitor
    from mic.testing.servers.server import Server as Server
    from mic.testing.signing import FakeSigner as FakeSigner
    from mic.testing.spans import CapturedSpans as CapturedSpans
    from mic.testing.spans import capture_spans as capture_spans
else:
    __getattr__, __dir__ = make_lazy_names(
        __name__,
        {
            "mic.testing._loop_guard": ("LoopGuard", "LoopHold"),
            "mic.testing.canaries": ("Canaries", "assert_no_secrets"),
            "mic.testing.captured": ("capture_logs",),
            "mic.testing.faults": ("FaultProxy",),
            "mic.testing.harness": ("ProcessHarness",),
            "mic.testing.metrics": ("CapturedMetrics", "captured_metrics"),
            "mic.testing.route_client": (
                "AsyncRouteClient",
                "ClientOptions",
                "RouteClient",
                "RouteResponse",
                "ServerProtocolError",
            ),
            "mic.testing.scripted_http": ("ScriptedHttpServer",),
            "mic.testing.sent": ("count_statements", "redis_monitor"),
            "mic.testing.servers.server": ("Server",),
            "mic.testing.signing": ("FakeSigner",),
            "mic.testing.spans": ("CapturedSpans", "capture_spans"),
        },
    )

__all__ = ["ManualClock", "aeventually", "eventually"]
