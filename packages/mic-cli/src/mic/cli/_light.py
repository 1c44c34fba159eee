"""What `mic --help` needs to know without importing a command, or `typing`, or `dataclasses`."""

from __future__ import annotations

TYPE_CHECKING = False
"""Type checkers know a constant of this name; `typing` is not imported for it."""

PROGRAM = "mic"
DISTRIBUTION = "mic-cli"
GROUP = "mic.commands"
"""The entry-point group of further commands of `mic`."""

BUILT_INS: dict[str, tuple[str, str]] = {
    "new": ("mic.cli._new", "generate a service from the template"),
    "list": ("mic.cli._listing", "list the installed distributions of the family"),
    "doctor": ("mic.cli._doctor", "find what is wrong with the installation"),
    "routes": ("mic.cli._routes", "list the routes of a service"),
    "openapi": ("mic.cli._routes", "write the OpenAPI document of a service"),
}
"""The built-in commands: the module whose `built_in(name)` gives the spec, and their help."""

EPILOG = """\
examples:
  mic new order-service                 generate a service in ./order-service
  mic new order-service --framework litestar --set database=postgres
  mic list                              what is installed, and whether the versions agree
  mic doctor                            what is wrong with this environment, and how to mend it
  mic routes orders.routes:ROUTES       the routes of a service
  mic openapi orders.routes:ROUTES --output openapi.json

Every command takes --json. `mic COMMAND --help` says more.
"""
