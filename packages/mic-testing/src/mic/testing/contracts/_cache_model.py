"""What a cache does, as a dict with a clock, and random calls to compare a backend with it."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["CacheCall", "CacheModel", "random_cache_calls"]

_KEYS = ("a", "b", "b:c", "ключ", "*")
_VALUES = (b"", b"1", b"-7", b"one", b"one and more", b"\xff\x00")
_NOT_A_NUMBER = "cache.not_a_number"


@dataclass(frozen=True, slots=True)
class CacheCall:
    """One call of a backend's method; the method `advance` lets time pass instead."""

    method: str
    arguments: tuple[Any, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)


class CacheModel:
    """The plain meaning of every method; `None`, a value, or the code of an error.

    Args:
        time_fn: A clock in seconds.
    """

    def __init__(self, time_fn: Callable[[], float]) -> None:
        self._time = time_fn
        self._entries: dict[str, tuple[bytes, float]] = {}

    def answer(self, call: CacheCall) -> Any:
        """What the call returns, or the code of the error that it raises."""
        return getattr(self, call.method)(*call.arguments, **call.options)

    def get(self, key: str) -> bytes | None:
        """As the backend's."""
        value, ends = self._entries.get(key, (None, 0.0))
        return value if self._time() < ends else None

    def set(self, key: str, value: bytes, *, ttl_seconds: float) -> None:
        """As the backend's."""
        self._entries[key] = (value, self._time() + ttl_seconds)

    def set_if_absent(self, key: str, value: bytes, *, ttl_seconds: float) -> bool:
        """As the backend's."""
        if self.get(key) is not None:
            return False
        self.set(key, value, ttl_seconds=ttl_seconds)
        return True

    def delete(self, key: str) -> None:
        """As the backend's."""
        self._entries.pop(key, None)

    def clear(self) -> None:
        """As the backend's."""
        self._entries.clear()

    def get_many(self, keys: Sequence[str]) -> dict[str, bytes]:
        """As the backend's."""
        return {key: value for key in keys if (value := self.get(key)) is not None}

    def set_many(self, items: Mapping[str, bytes], *, ttl_seconds: float) -> None:
        """As the backend's."""
        for key, value in items.items():
            self.set(key, value, ttl_seconds=ttl_seconds)

    def delete_many(self, keys: Sequence[str]) -> None:
        """As the backend's."""
        for key in keys:
            self.delete(key)

    def increment(self, key: str, amount: int, *, ttl_seconds: float, renew_ttl: bool) -> int | str:
        """As the backend's."""
        current = self.get(key)
        if current is not None and not current.removeprefix(b"-").isdigit():
            return _NOT_A_NUMBER
        total = amount + int(current or b"0")
        ends = self._time() + ttl_seconds
        if current is not None and not renew_ttl:
            ends = self._entries[key][1]
        self._entries[key] = (b"%d" % total, ends)
        return total

    def compare_and_set(
        self, key: str, expected: bytes, value: bytes, *, ttl_seconds: float, prefix: bool
    ) -> bool:
        """As the backend's."""
        if not self._is_as_expected(key, expected, prefix=prefix):
            return False
        self.set(key, value, ttl_seconds=ttl_seconds)
        return True

    def compare_and_delete(self, key: str, expected: bytes, *, prefix: bool) -> bool:
        """As the backend's."""
        if not self._is_as_expected(key, expected, prefix=prefix):
            return False
        self.delete(key)
        return True

    def _is_as_expected(self, key: str, expected: bytes, *, prefix: bool) -> bool:
        current = self.get(key)
        if current is None:
            return False
        return current[: len(expected)] == expected if prefix else current == expected


def random_cache_calls(
    seed: int, *, count: int, counters: bool, move_time: bool
) -> Iterator[CacheCall]:
    """Random calls, the same for the same arguments.

    Args:
        seed: Chooses the sequence.
        count: How many.
        counters: Whether `increment` is among them.
        move_time: Whether lifetimes are short and time passes; else everything outlives the test.
    """
    chance = random.Random(seed)
    lifetimes = (1, 2.5, 60) if move_time else (3600,)
    makers: list[Callable[[], CacheCall]] = _makers(chance, lifetimes)
    weights = [4, 4, 3, 2, 0.5, 3, 2, 1, 4, 2, 3 if counters else 0, 3 if move_time else 0]
    for make in chance.choices(makers, weights, k=count):
        yield make()


def _makers(chance: random.Random, lifetimes: Sequence[float]) -> list[Callable[[], CacheCall]]:
    def key() -> str:
        return chance.choice(_KEYS)

    def keys() -> list[str]:
        return chance.sample(_KEYS, chance.randint(0, len(_KEYS)))

    def value() -> bytes:
        return chance.choice(_VALUES)

    def lived() -> dict[str, Any]:
        return {"ttl_seconds": chance.choice(lifetimes)}

    def prefix() -> dict[str, Any]:
        return {"prefix": chance.random() < 0.5}

    def renewed() -> dict[str, Any]:
        return {"renew_ttl": chance.random() < 0.5}

    return [
        lambda: CacheCall("get", (key(),)),
        lambda: CacheCall("set", (key(), value()), lived()),
        lambda: CacheCall("set_if_absent", (key(), value()), lived()),
        lambda: CacheCall("delete", (key(),)),
        lambda: CacheCall("clear"),
        lambda: CacheCall("get_many", (keys(),)),
        lambda: CacheCall("set_many", ({each: value() for each in keys()},), lived()),
        lambda: CacheCall("delete_many", (keys(),)),
        lambda: CacheCall("compare_and_set", (key(), value(), value()), lived() | prefix()),
        lambda: CacheCall("compare_and_delete", (key(), value()), prefix()),
        lambda: CacheCall("increment", (key(), chance.randint(-9, 9)), lived() | renewed()),
        lambda: CacheCall("advance", (chance.choice((0.5, 1, 2)),)),
    ]
