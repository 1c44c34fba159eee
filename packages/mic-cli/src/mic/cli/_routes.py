"""`routes` and `openapi`: what a service serves, for `mic` and for a service's own command line."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from mic.cli._light import BUILT_INS
from mic.cli._render import json_text
from mic.cli._targets import add_target, bad_route, call, load, routes_of, wrong_kind
from mic.cli._write import write_whole
from mic.cli.spec import CliCommandSpec, CommandResult

if TYPE_CHECKING:
    from mic.http import HttpRouteSpec, OpenApiInfo

_ROUTES = "routes"
_OPENAPI = "openapi"
_ROUTES_EPILOG = """\
exit codes: 0, 1 a route cannot be served, 78 MODULE:ATTR cannot be loaded or is something else

examples:
  mic routes orders.routes:ROUTES
  mic routes orders.routes:ROUTES --app-dir src --json
"""
_OPENAPI_EPILOG = """\
exit codes: 0, 1 a route cannot be served or FILE not written, 78 MODULE:ATTR cannot be loaded

examples:
  mic openapi orders.routes:ROUTES --title Orders --version 1.2.0
  mic openapi orders.main:app --app-dir src --output openapi.json
"""
_FRAMEWORKS: dict[str, tuple[str, Callable[[Any], dict[str, Any]]]] = {
    "fastapi": ("FastAPI", lambda app: app.openapi()),
    "litestar": ("Litestar", lambda app: app.openapi_schema.to_schema()),
}
"""Module and class of the applications that write their own document, and how they are asked."""


def routes_command(load: Callable[[], Iterable[HttpRouteSpec]]) -> CliCommandSpec:
    """Make the command `routes` of a service.

    It lists method, path, name, category, auth, scopes and guards, sorted by path, then method.

    Args:
        load: Gives the routes; called when the command runs.
    """
    return CliCommandSpec(_ROUTES, lambda _: _listed(load()), BUILT_INS[_ROUTES][1])


def openapi_command(
    load: Callable[[], Iterable[HttpRouteSpec]], info: OpenApiInfo
) -> CliCommandSpec:
    """Make the command `openapi` of a service.

    It prints what `mic.http.build_openapi` gives, or writes it to `--output FILE`, whole or not at
    all; two runs are byte-equal.

    Args:
        load: Gives the routes; called when the command runs.
        info: What the document says about the service.
    """

    def run(arguments: argparse.Namespace) -> CommandResult:
        return _document(_built(load(), info), arguments.output)

    return CliCommandSpec(_OPENAPI, run, BUILT_INS[_OPENAPI][1], _add_output)


def built_in(name: str) -> CliCommandSpec:
    """The command of `mic`."""
    if name == _ROUTES:
        return CliCommandSpec(name, _run_routes, BUILT_INS[name][1], _routes_args)
    return CliCommandSpec(name, _run_openapi, BUILT_INS[name][1], _openapi_args)


def _routes_args(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _ROUTES_EPILOG
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    add_target(parser, "an iterable of HttpRouteSpec, or a function that gives one")


def _openapi_args(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _OPENAPI_EPILOG
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    add_target(
        parser,
        "an iterable of HttpRouteSpec, a FastAPI or Litestar application, or a function that gives"
        " one of them",
    )
    parser.add_argument("--title", help="title of the document (default: Service, or the app's)")
    parser.add_argument("--version", help="version of the API (default: 0.0.0, or the app's)")
    _add_output(parser)


def _add_output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--output", metavar="FILE", help="write to this file, whole or not at all")


def _run_routes(arguments: argparse.Namespace) -> CommandResult:
    quiet = arguments.json_output
    loaded = load(arguments, quiet=quiet)
    if _framework_of(loaded) is not None:
        raise wrong_kind(loaded, arguments.target, "name the routes that it is made of")
    if callable(loaded):
        loaded = call(loaded, arguments.target, quiet=quiet)
    return _listed(routes_of(loaded, arguments.target, quiet=quiet))


def _run_openapi(arguments: argparse.Namespace) -> CommandResult:
    from mic.http import OpenApiInfo

    quiet = arguments.json_output
    name = arguments.target
    loaded = load(arguments, quiet=quiet)
    if _framework_of(loaded) is None and callable(loaded):
        loaded = call(loaded, name, quiet=quiet)
    ask = _framework_of(loaded)
    given = {
        key: value
        for key, value in (("title", arguments.title), ("version", arguments.version))
        if value is not None
    }
    if ask is None:
        document = _built(routes_of(loaded, name, quiet=quiet), OpenApiInfo(**given))
    else:
        document = call(lambda: ask(loaded), name, quiet=quiet, failure="writes no document")
        document = {**document, "info": {**document.get("info", {}), **given}}
    return _document(document, arguments.output)


def _framework_of(loaded: Any) -> Callable[[Any], dict[str, Any]] | None:
    """How an application is asked; a framework that nobody imported has made none."""
    for module, (kind, ask) in _FRAMEWORKS.items():
        imported = sys.modules.get(module)
        if imported is not None and isinstance(loaded, getattr(imported, kind, ())):
            return ask
    return None


def _listed(routes: Iterable[HttpRouteSpec]) -> CommandResult:
    from mic.http import RouteDefinitionError, compile_routes

    specs = tuple(routes)
    try:
        compile_routes(specs)
    except RouteDefinitionError as error:
        raise bad_route(error) from error
    rows = [
        {
            "method": each.method,
            "path": each.path,
            "name": each.name,
            "category": each.category,
            "auth": each.auth.value,
            "scopes": list(each.scopes),
            "guards": [_name_of(guard) for guard in each.guards],
        }
        for each in sorted(specs, key=lambda spec: (spec.path, spec.method))
    ]
    return CommandResult(rows, text=None if rows else "no routes")


def _built(routes: Iterable[HttpRouteSpec], info: OpenApiInfo) -> dict[str, Any]:
    from mic.http import RouteDefinitionError, build_openapi

    try:
        return build_openapi(routes, info)
    except RouteDefinitionError as error:
        raise bad_route(error) from error


def _document(document: dict[str, Any], output: str | None) -> CommandResult:
    text = json_text(document, _OPENAPI)
    if output is None:
        return CommandResult(document, text)
    write_whole(output, text.encode())
    return CommandResult({"output": output, "bytes": len(text)}, f"wrote {output}")


def _name_of(guard: Any) -> str:
    return getattr(guard, "__qualname__", None) or type(guard).__qualname__
