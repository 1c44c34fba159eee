"""Reading the entry points of a group, and loading what they name."""

import functools
import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from mic.model import ConfigurationError


@dataclass(frozen=True, slots=True)
class Claim:
    """A distribution's claim to a scheme."""

    distribution: str
    entry_point: EntryPoint = field(repr=False)
    _loaded: dict[bool, Callable[..., Any]] = field(default_factory=dict, repr=False, compare=False)

    def load(self, *, is_async: bool) -> Callable[..., Any]:
        """Import the target, once, or for `is_async` its twin: the same name after an `a`.

        Raises:
            ConfigurationError: `config.broken_backend`: the target cannot be imported, has no such
                function, or is not callable; chained to the cause.
        """
        function = self._loaded.get(is_async)
        if function is None:
            function = self._loaded[is_async] = self._import(is_async=is_async)
        return function

    def _import(self, *, is_async: bool) -> Callable[..., Any]:
        try:
            *owners, name = self.entry_point.attr.split(".")
            path = [*owners, f"a{name}" if is_async else name]
            target = functools.reduce(
                getattr, path, importlib.import_module(self.entry_point.module)
            )
        except Exception as error:
            # A plug-in may fail in any way; the schemes of others go on working.
            raise self._broken("cannot be loaded") from error
        if not callable(target):
            raise self._broken("is not callable")
        function: Callable[..., Any] = target
        return function

    def _broken(self, what: str) -> ConfigurationError:
        point = self.entry_point
        return ConfigurationError(
            code="config.broken_backend",
            message=f"{point.group}: the entry point {point.name} of the distribution "
            f"{self.distribution} {what}",
            details={"scheme": point.name, "distribution": self.distribution},
        )


def scan(group: str) -> Mapping[str, tuple[Claim, ...]]:
    """Give the claims to each scheme, in lower case.

    Only different targets compete: one distribution that is seen twice is one claim.
    """
    claims: dict[str, dict[str, Claim]] = {}
    for point in entry_points(group=group):
        # `dist` is set on whatever is found on `sys.path`; its type allows for `None`.
        owner: str = getattr(point.dist, "name", "an unknown distribution")
        claims.setdefault(point.name.lower(), {}).setdefault(point.value, Claim(owner, point))
    return {
        scheme: tuple(sorted(targets.values(), key=lambda claim: claim.distribution))
        for scheme, targets in sorted(claims.items())
    }
