"""`MODULE:ATTR` on a command line: what the user names, imported."""

from __future__ import annotations

import argparse
import functools
import importlib
import inspect
import os
import re
import sys
from collections.abc import Callable, Iterable
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mic.cli._failures import CliError
from mic.model import ConfigurationError, DomainError

if TYPE_CHECKING:
    from mic.http import HttpRouteSpec

_TARGET = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*(\.[^\W\d]\w*)*")


def target(text: str) -> str:
    """Check the form of `MODULE:ATTR`, for `argparse`."""
    if not _TARGET.fullmatch(text):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not MODULE:ATTR, such as orders.routes:ROUTES"
        )
    return text


def add_target(parser: argparse.ArgumentParser, help_text: str) -> None:
    """Add the arguments that name something to import."""
    parser.add_argument("target", type=target, metavar="MODULE:ATTR", help=help_text)
    parser.add_argument(
        "--app-dir",
        default=".",
        metavar="DIR",
        help="the folder that modules are looked up in first (default: the current folder)",
    )


def load(arguments: argparse.Namespace, *, quiet: bool) -> Any:
    """Import what `add_target` took; what its module prints is no result.

    Args:
        arguments: What was parsed.
        quiet: Whether that is dropped rather than sent to standard error.

    Raises:
        ConfigurationError: `config.bad_target`: the module does not import, or lacks the attribute.
    """
    folder = os.fspath(Path(arguments.app_dir).resolve())
    if folder not in sys.path[:1]:
        sys.path.insert(0, folder)
    module, _, attribute = arguments.target.partition(":")

    def find() -> Any:
        return functools.reduce(getattr, attribute.split("."), importlib.import_module(module))

    return _guarded(find, arguments.target, "cannot be loaded", quiet=quiet)


def call(
    function: Callable[[], Any],
    name: str,
    *,
    quiet: bool,
    failure: str = "cannot be called without arguments",
) -> Any:
    """Call what was loaded.

    Raises:
        ConfigurationError: `config.bad_target`: it failed.
    """
    return _guarded(function, name, failure, quiet=quiet)


def routes_of(loaded: Any, name: str, *, quiet: bool) -> tuple[HttpRouteSpec, ...]:
    """The routes that an iterable holds.

    Raises:
        ConfigurationError: `config.bad_target`: it is something else.
    """
    from mic.http import HttpRouteSpec

    if isinstance(loaded, Iterable) and not isinstance(loaded, str | bytes):
        routes: tuple[Any, ...] = call(
            lambda: tuple(loaded), name, quiet=quiet, failure="cannot be iterated"
        )
        if all(isinstance(each, HttpRouteSpec) for each in routes):
            return routes
    if inspect.iscoroutine(loaded):
        loaded.close()
    raise wrong_kind(loaded, name, "an iterable of HttpRouteSpec or a function giving one is meant")


def bad_route(error: BaseException) -> CliError:
    """Say that a route cannot be served; the message is the family's own."""
    return CliError("cli.bad_route", str(error))


def wrong_kind(loaded: Any, name: str, meant: str) -> ConfigurationError:
    """Say that a target is not of the right kind."""
    return ConfigurationError(
        code="config.bad_target", message=f"{name} is of the type {type(loaded).__name__}; {meant}"
    )


def _guarded(action: Callable[[], Any], name: str, what: str, *, quiet: bool) -> Any:
    with Path(os.devnull).open("w", encoding="utf-8") as null:
        try:
            with redirect_stdout(null if quiet else sys.stderr):
                return action()
        except DomainError:
            raise  # says itself, fit for a client, what is wrong
        except (Exception, SystemExit) as error:
            if _is_definition_error(error):
                raise bad_route(error) from error
            raise ConfigurationError(
                code="config.bad_target", message=f"{name} {what}: {type(error).__name__}"
            ) from error


def _is_definition_error(error: BaseException) -> bool:
    """Whether a route cannot be served; an application may find that when it is imported."""
    routes = sys.modules.get("mic.http.route_spec")
    return routes is not None and isinstance(error, routes.RouteDefinitionError)
