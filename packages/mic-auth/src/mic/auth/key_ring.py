"""Keys that change while they are used: `KeyRing`, and what else can give keys."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Protocol

from mic.auth._texts import checked_whole
from mic.auth.keys import ServiceKey

__all__ = ["AsyncKeySource", "KeyRing", "KeySource"]


class KeySource(Protocol):
    """Gives the keys of one issuer; `KeyRing` and `JwksSource` fit."""

    @property
    def version(self) -> int:
        """Changes whenever a key is added, replaced or removed."""
        ...

    def candidates(self, kid: str | None) -> tuple[ServiceKey, ...]:
        """Give the keys that may have signed a token that names `kid`, or that names none."""
        ...


class AsyncKeySource(Protocol):
    """Gives the keys of one issuer; `AsyncJwksSource` fits."""

    @property
    def version(self) -> int:
        """Changes whenever a key is added, replaced or removed."""
        ...

    async def candidates(self, kid: str | None) -> tuple[ServiceKey, ...]:
        """Give the keys that may have signed a token that names `kid`, or that names none."""
        ...


@dataclass(frozen=True, slots=True)
class _State:
    """What a ring is at one moment; replaced as a whole."""

    keys: Mapping[str, ServiceKey]
    current: str | None
    without_kid: tuple[ServiceKey, ...]
    version: int


class KeyRing:
    """The keys of a service: one signs, all are accepted.

    Guarantees: thread-safe; a reader sees the ring before or after a change, never in between. A
    refused change leaves it as it was. No I/O. Rotation without a gap: `add(new)`, wait until
    every reader has fetched it (`max_age_seconds` of the route and `refresh_seconds` of the
    readers), `promote(new)`, wait the longest life of a token and the leeway, `retire(old)`.

    Args:
        keys: The keys, `kid` unique.
        current: The `kid` that signs; by default that of the first key that can.
        max_keys: The most keys that it holds.

    Raises:
        ValueError: A `kid` is given twice, there are too many, or `current` is unknown or can not
            sign.
    """

    __slots__ = ("_lock", "_max_keys", "_state")

    performs_io = False

    def __init__(
        self, keys: Iterable[ServiceKey], *, current: str | None = None, max_keys: int = 16
    ) -> None:
        self._lock = threading.Lock()
        self._max_keys = checked_whole(max_keys, "KeyRing: max_keys", least=1)
        found: dict[str, ServiceKey] = {}
        for key in keys:
            self._take(found, key)
        if current is None:
            current = next((key.kid for key in found.values() if key.can_sign), None)
        else:
            _signer_in(found, current, "current")
        self._state = _state(found, current, version=0)

    @property
    def current(self) -> ServiceKey | None:
        """The key that signs; `None` in a ring that only verifies."""
        state = self._state
        return None if state.current is None else state.keys[state.current]

    @property
    def kids(self) -> tuple[str, ...]:
        """The names of all keys, in the order in which they came."""
        return tuple(self._state.keys)

    @property
    def version(self) -> int:
        """Changes with every change of the ring."""
        return self._state.version

    def candidates(self, kid: str | None) -> tuple[ServiceKey, ...]:
        """Give the key of that name, or, for `None`, those that accept tokens without one."""
        state = self._state
        if kid is None:
            return state.without_kid
        key = state.keys.get(kid)
        return () if key is None else (key,)

    def add(self, key: ServiceKey) -> None:
        """Publish and accept a key; it does not sign before `promote`.

        Raises:
            ValueError: Its name is taken, or the ring is full.
        """
        with self._lock:
            keys = dict(self._state.keys)
            self._take(keys, key)
            self._replace(keys, self._state.current)

    def promote(self, kid: str) -> None:
        """Sign with this key from now on.

        Raises:
            ValueError: There is none of that name, or it can not sign.
        """
        with self._lock:
            _signer_in(self._state.keys, kid, "kid")
            self._replace(self._state.keys, kid)

    def retire(self, kid: str) -> None:
        """Take a key away at once: tokens signed by it are refused from now on.

        Raises:
            ValueError: There is none of that name, or it is the one that signs.
        """
        with self._lock:
            state = self._state
            if kid not in state.keys:
                raise ValueError("KeyRing: kid names no key of the ring")
            if kid == state.current:
                raise ValueError("KeyRing: kid is the key that signs; promote another one first")
            self._replace({name: key for name, key in state.keys.items() if name != kid}, None)

    def to_jwks(self) -> dict[str, Any]:
        """Give the JSON Web Key Set (RFC 7517, section 5): public parts, the current key first.

        Guarantee: shared secrets are left out, and so is every private member.
        """
        state = self._state
        ordered = sorted(state.keys.values(), key=lambda key: key.kid != state.current)
        return {"keys": [key.to_jwk() for key in ordered if key.algorithm != "HS256"]}

    def __repr__(self) -> str:
        state = self._state
        return f"KeyRing(kids={list(state.keys)!r}, current={state.current!r})"

    def _take(self, keys: dict[str, ServiceKey], key: object) -> None:
        if not isinstance(key, ServiceKey):
            msg = f"KeyRing: keys must be ServiceKeys, not {type(key).__name__}"
            raise TypeError(msg)
        if key.kid in keys:
            raise ValueError("KeyRing: keys must not have the same kid twice")
        if len(keys) >= self._max_keys:
            msg = f"KeyRing: keys must be at most max_keys, {self._max_keys}"
            raise ValueError(msg)
        keys[key.kid] = key

    def _replace(self, keys: Mapping[str, ServiceKey], current: str | None) -> None:
        state = self._state
        self._state = _state(keys, current or state.current, version=state.version + 1)


def _state(keys: Mapping[str, ServiceKey], current: str | None, *, version: int) -> _State:
    return _State(
        keys=MappingProxyType(dict(keys)),
        current=current,
        without_kid=tuple(key for key in keys.values() if key.accept_without_kid),
        version=version,
    )


def _signer_in(keys: Mapping[str, ServiceKey], kid: str, what: str) -> None:
    if kid not in keys:
        msg = f"KeyRing: {what} names no key of the ring"
        raise ValueError(msg)
    if not keys[kid].can_sign:
        msg = f"KeyRing: {what} names a key that can not sign"
        raise ValueError(msg)
