"""Commands that other distributions bring, by entry point."""

from __future__ import annotations

import argparse
import functools
import importlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, NoReturn

from mic.cli._claims import Claim, claims_of
from mic.cli._failures import CliError
from mic.cli._installed import scan
from mic.cli._light import GROUP
from mic.cli.exit_codes import ExitCode
from mic.cli.spec import CliCommandSpec, CliGroupSpec, check_level
from mic.model import ConfigurationError, DomainError


def discover_commands(group: str = GROUP) -> tuple[CliCommandSpec | CliGroupSpec, ...]:
    """Give the commands that installed distributions bring, sorted by name.

    An entry point's name is the command's (`[a-z][a-z0-9-]*`; others are left out). Its target is a
    command or a group, a sequence of them, which become a group of that name, or a function without
    arguments that gives either.

    Guarantees: a distribution whose target does not load, and a name that two distributions claim,
    cost their own command only: it is in the list, and says so when it is called, with exit code 70
    naming the distribution, or 78 naming both. All targets are imported.

    Args:
        group: The entry-point group.
    """
    found = []
    for name, claims in claims_of(scan(), group).items():
        try:
            found.append(command_of(name, claims))
        except DomainError as error:
            owners = " and ".join(claim.distribution for claim in claims)
            found.append(_disabled(name, f"(disabled: {owners})", error))
    return tuple(found)


def command_of(name: str, claims: Sequence[Claim]) -> CliCommandSpec | CliGroupSpec:
    """Import the command that distributions claim.

    Raises:
        ConfigurationError: `config.ambiguous_command`: there are several.
        CliError: `cli.broken_plugin`: its target does not load or is no command.
    """
    if len(claims) > 1:
        raise ambiguous(name, [claim.distribution for claim in claims])
    return _load(claims[0])


def ambiguous(name: str, owners: Iterable[str]) -> ConfigurationError:
    """What is said of a command that several distributions claim."""
    names = list(owners)
    return ConfigurationError(
        code="config.ambiguous_command",
        message=f"the command {name} is claimed by {' and '.join(names)}; uninstall all but one",
        details={"command": name, "distributions": names},
    )


def broken(claim: Claim, what: str) -> CliError:
    """What is said of a plug-in that does not work; its own words stay in the chained cause."""
    return CliError(
        "cli.broken_plugin",
        f"the command {claim.name} of the distribution {claim.distribution} {what}",
        ExitCode.SOFTWARE,
        {"command": claim.name, "distribution": claim.distribution},
    )


def _load(claim: Claim) -> CliCommandSpec | CliGroupSpec:
    module, _, attribute = claim.value.partition(":")
    try:
        target: Any = functools.reduce(
            getattr, attribute.split("."), importlib.import_module(module)
        )
        if callable(target):
            target = target()
        spec = _as_spec(target, claim)
        check_level([spec], claim.name)
    except (Exception, SystemExit) as error:
        # A plug-in may fail in any way; the commands of others go on working.
        raise broken(claim, f"cannot be loaded: {type(error).__name__}") from error
    return spec


def _as_spec(target: Any, claim: Claim) -> CliCommandSpec | CliGroupSpec:
    if isinstance(target, CliCommandSpec | CliGroupSpec):
        # its aliases could not be known without importing it
        return replace(target, name=claim.name, aliases=())
    if isinstance(target, Sequence) and not isinstance(target, str | bytes):
        return CliGroupSpec(claim.name, tuple(target), help=f"commands of {claim.distribution}")
    raise TypeError(f"{type(target).__name__} is no command")


def _disabled(name: str, help_text: str, error: DomainError) -> CliCommandSpec:
    def fail(_: argparse.Namespace) -> NoReturn:
        raise error

    def take_anything(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("arguments", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)

    return CliCommandSpec(name, fail, help_text, take_anything)
