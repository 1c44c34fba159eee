"""Where a secret could hide in what goes to Sentry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mic.testing._canary_shapes import SHAPES, fail
from mic.testing._extras import import_extra

FAILURES = (
    "an exception",
    "the cause of an exception",
    "an exception of a group",
    "a local variable of a frame",
)
SENTRY_SHAPES = (
    *SHAPES,
    "a message",
    "a tag",
    "the user",
    "a context",
    "a breadcrumb",
    *FAILURES,
    "a span",
    "a log line",
    "a metric",
)


def planter() -> Callable[[str, str], None]:
    """What plants one value in one shape.

    Raises:
        ImportError: `mic-testing[sentry]` is not installed.
        RuntimeError: Sentry is not set up.
    """
    sdk, _, _ = [
        import_extra(module, extra="sentry", needed_by="Canaries.plant_sentry")
        for module in ("sentry_sdk", "sentry_sdk.logger", "sentry_sdk.metrics")
    ]
    if not sdk.get_client().is_active():
        msg = "sentry_sdk is not initialised: nothing that is planted would come out"
        raise RuntimeError(msg)
    return lambda value, shape: _plant(sdk, value, shape)


def _plant(sdk: Any, password: str, shape: str) -> None:
    # Sentry sends local variables: the value is in none under a name that no policy has.
    with sdk.new_scope() as scope:
        if shape == "a span":
            with (
                sdk.start_transaction(name="planted", op="planted") as transaction,
                transaction.start_child(op="planted", name=f"token={password}") as span,
            ):
                span.set_data("password", password)
        elif shape == "a log line":
            sdk.logger.warning("planted", attributes={"password": password})
        elif shape == "a metric":
            sdk.metrics.count("planted", 1, attributes={"password": password})
        elif shape in FAILURES:
            try:
                fail(password, shape)
            except Exception as error:
                sdk.capture_exception(error)
        else:
            _dress(scope, password, shape)
            sdk.capture_message(f"password={password}" if shape == "a message" else "planted")


def _dress(scope: Any, value: str, shape: str) -> None:
    """Put the value beside a message."""
    if shape == "a tag":
        scope.set_tag("password", value)
    elif shape == "the user":
        scope.set_user({"canary_email": value})
    elif shape == "a context":
        scope.set_context("planted", {"canary_account": value})
    elif shape == "a breadcrumb":
        scope.add_breadcrumb(message=f"token={value}", data={"password": value})
    elif shape in SHAPES:
        for name, member in SHAPES[shape](value).items():
            scope.set_extra(name, member)
