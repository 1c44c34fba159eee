"""From the scheme of a URL to the backend that claims it."""

import threading
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from mic.model import ConfigurationError
from mic.plugins._entry_points import Claim, scan
from mic.plugins._url import parse_url

SyncT = TypeVar("SyncT")
AsyncT = TypeVar("AsyncT")

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class BackendRegistry(Generic[SyncT, AsyncT]):
    """The backends of one capability, found by the scheme of a URL.

    A distribution plugs in by an entry point: the group is the capability, the key a scheme, the
    target a function that is called as `function(url, **options)`. For `aconnect` the function of
    the same module whose name is `a` and the target's is taken (`from_url`, `afrom_url`).

    Guarantees: entry points are read at the first call that needs them, never at import, and once
    a registry; a target is imported when its scheme is asked for. A scheme is looked up as written
    and then by the part before its first `+`, ignoring case. What the capability brings itself
    (`builtin`) needs no entry point and cannot be replaced by one. Thread-safe.
    """

    def __init__(
        self,
        group: str,
        *,
        hints: Mapping[str, str] = _NOTHING,
        builtin: Mapping[str, Callable[..., SyncT]] = _NOTHING,
        async_builtin: Mapping[str, Callable[..., AsyncT]] = _NOTHING,
    ) -> None:
        """Describe the capability; reads nothing.

        Args:
            group: The entry-point group, named like the capability (`mic.cache`).
            hints: The distribution to install for a scheme that nobody provides.
            builtin: The capability's own functions by scheme.
            async_builtin: The same for `aconnect`.
        """
        self._group = group
        self._hints = {scheme.lower(): name for scheme, name in hints.items()}
        self._builtin = {scheme.lower(): function for scheme, function in builtin.items()}
        self._async_builtin = {scheme.lower(): fn for scheme, fn in async_builtin.items()}
        self._lock = threading.Lock()
        self._claims: Mapping[str, tuple[Claim, ...]] | None = None

    def connect(self, url: str, **options: Any) -> SyncT:
        """Give the synchronous backend of a URL.

        Args:
            url: `scheme://...`; credentials only in the user info.
            **options: Handed to the backend; they win over the query.

        Raises:
            ConfigurationError: `config.unknown_scheme` names the distribution to install, or the
                schemes that are known; `config.ambiguous_scheme` names all claimants;
                `config.broken_backend` names the distribution whose entry point does not load;
                `config.invalid_url` and `config.invalid_option` as in `parse_url`.
            TypeError: `url` is not a string.
        """
        function: Callable[..., SyncT] = self._function(url, self._builtin, is_async=False)
        return function(url, **options)

    def aconnect(self, url: str, **options: Any) -> AsyncT:
        """Give the asynchronous backend of a URL; not a coroutine, because constructors do no I/O.

        Args:
            url: As in `connect`.
            **options: As in `connect`.

        Raises:
            ConfigurationError: As in `connect`.
            TypeError: `url` is not a string.
        """
        function: Callable[..., AsyncT] = self._function(url, self._async_builtin, is_async=True)
        return function(url, **options)

    def schemes(self) -> Mapping[str, str]:
        """Give the distribution of every scheme that is installed, sorted; all claimants of one."""
        own = self._group.replace(".", "-").replace("_", "-")
        found = {
            scheme: ", ".join(claim.distribution for claim in claims)
            for scheme, claims in self._scanned().items()
        }
        found |= dict.fromkeys((*self._builtin, *self._async_builtin), own)
        return dict(sorted(found.items()))

    def refresh(self) -> None:
        """Forget what was found, so that the next call reads the entry points again."""
        with self._lock:
            self._claims = None

    def _function(
        self, url: str, builtin: Mapping[str, Callable[..., Any]], *, is_async: bool
    ) -> Callable[..., Any]:
        scheme = parse_url(url).scheme
        for candidate in dict.fromkeys((scheme, scheme.partition("+")[0])):
            if candidate in builtin:
                return builtin[candidate]
            if candidate in self._builtin or candidate in self._async_builtin:
                raise self._one_sided(candidate, is_async=is_async)
            claims = self._scanned().get(candidate, ())
            if len(claims) > 1:
                raise self._ambiguous(candidate, claims)
            if claims:
                return claims[0].load(is_async=is_async)
        raise self._unknown(scheme)

    def _scanned(self) -> Mapping[str, tuple[Claim, ...]]:
        claims = self._claims
        if claims is None:
            with self._lock:
                claims = self._claims
                if claims is None:
                    claims = self._claims = scan(self._group)
        return claims

    def _unknown(self, scheme: str) -> ConfigurationError:
        base = scheme.partition("+")[0]
        distribution = self._hints.get(scheme) or self._hints.get(base)
        known = list(self.schemes())
        if distribution:
            advice = f'it needs the distribution {distribution}: pip install "{distribution}"'
        else:
            advice = f"known schemes: {', '.join(known) or 'none'}"
        return ConfigurationError(
            code="config.unknown_scheme",
            message=f"{self._group}: the scheme {scheme} is unknown; {advice}",
            details={"scheme": scheme, "distribution": distribution, "known": known},
        )

    def _one_sided(self, scheme: str, *, is_async: bool) -> ConfigurationError:
        form = "asynchronous" if is_async else "synchronous"
        return ConfigurationError(
            code="config.unknown_scheme",
            message=f"{self._group}: the scheme {scheme} has no {form} form",
            details={"scheme": scheme},
        )

    def _ambiguous(self, scheme: str, claims: tuple[Claim, ...]) -> ConfigurationError:
        names = [claim.distribution for claim in claims]
        return ConfigurationError(
            code="config.ambiguous_scheme",
            message=f"{self._group}: the scheme {scheme} is claimed by {' and '.join(names)}; "
            "uninstall all but one",
            details={"scheme": scheme, "distributions": names},
        )
