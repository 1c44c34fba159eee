"""Whether the process lives."""

from typing import Literal

from mic.contracts import StrictSchema
from mic.http import HttpRouteSpec


class Health(StrictSchema):
    """The answer while the process lives."""

    status: Literal["ok"] = "ok"


async def read_health() -> Health:
    """Tell that the process lives. Asks nobody else: a slow database must not restart it."""
    return Health()


def build_health_routes() -> tuple[HttpRouteSpec, ...]:
    """The routes that orchestrators ask."""
    return (
        HttpRouteSpec(
            method="GET",
            path="/health",
            name="health.live",
            category="health",
            handler=read_health,
        ),
    )
