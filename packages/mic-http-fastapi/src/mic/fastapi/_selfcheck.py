"""Makes sure, before the first router of a process is built, that this FastAPI can be read."""

from __future__ import annotations

from functools import cache
from typing import Any

from starlette.routing import Match

import fastapi
from fastapi import APIRouter, Depends, FastAPI
from mic.fastapi._includes import include_context_of, is_plain
from mic.http.adapter import Scope
from mic.model import ConfigurationError

TESTED_VERSIONS = "0.138 to 0.165"


class _Probe(APIRouter):
    """A router that notes what can be read of the include it is reached through."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: Any = None

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        self.seen = include_context_of(scope, self)
        return Match.NONE, {}


def _dependency() -> None:
    """A dependency that is only looked for; never called."""


def reads_dependencies(app_class: type[FastAPI] = FastAPI) -> bool:
    """Whether dependencies are found where they are, near and far, and only there."""
    without, near, far = _Probe(), _Probe(), _Probe()
    around = APIRouter(dependencies=[Depends(_dependency)])
    around.include_router(far, prefix="/far")
    app = app_class(openapi_url=None)
    app.include_router(without, prefix="/without")
    app.include_router(near, prefix="/near", dependencies=[Depends(_dependency)])
    app.include_router(around, prefix="/around")
    scope: Scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "root_path": ""}
    for route in app.routes:
        route.matches(scope)
    expected = [(without, "/without", True), (near, "/near", False), (far, "/around/far", False)]
    return all(
        probe.seen is not None
        and getattr(probe.seen, "prefix", None) == prefix
        and is_plain(probe.seen) is plain
        for probe, prefix, plain in expected
    )


@cache
def check_fastapi() -> None:
    """Refuse a FastAPI whose dependencies cannot be seen.

    Raises:
        ConfigurationError: Names the versions that were tested.
    """
    require(reads_dependencies())


def require(readable: bool) -> None:
    """Raise the error of `check_fastapi` unless `readable`."""
    if not readable:
        raise ConfigurationError(
            code="config.unsupported_fastapi",
            message=f"the dependencies of this FastAPI ({fastapi.__version__}) cannot be read;"
            f" tested versions: {TESTED_VERSIONS}",
        )
