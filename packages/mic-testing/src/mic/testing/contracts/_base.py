"""What every contract suite is built on."""

import asyncio
import inspect
import time
from collections.abc import Iterable
from typing import Any, ClassVar

import pytest

from mic.testing.clock import ManualClock

__all__ = ["AsyncContractBase", "ContractBase", "needs_server"]

needs_server = pytest.mark.mic_needs_server
"""Marks a contract test that kills, pauses or restarts the backend's server.

Such a test is not collected where the test class names no server.
"""

_SUITES = "mic.testing.contracts"
_MARGIN_SECONDS = 0.005
"""Servers keep lifetimes in whole milliseconds, and a loop's timer may be early by as much."""


class _Contract:
    """The rules that the synchronous and the asynchronous base share."""

    server: ClassVar[str | None] = None
    server_clock: ClassVar[bool | None] = None
    clock: ManualClock

    _is_contract: ClassVar[bool] = True

    def __init_subclass__(cls, *, contract: bool | None = None, **kwargs: Any) -> None:
        """Refuse a test class that replaces a test of its contract.

        The check runs when the class statement does, so that nothing can deselect it, it needs no
        plugin, and the traceback ends at the very line of the class.

        Args:
            contract: `True` for a class that is itself a suite for others to run. Told by the
                module for the suites in here.
            **kwargs: Passed on.

        Raises:
            TypeError: A contract test is replaced without `xfail(strict=True, reason=...)`, or
                `server` is not a name.
        """
        super().__init_subclass__(**kwargs)
        in_here = f"{cls.__module__}.".startswith(f"{_SUITES}.")
        cls._is_contract = in_here if contract is None else contract
        if cls.server is not None and not (
            isinstance(cls.server, str) and cls.server.isidentifier()
        ):
            msg = f"{cls.__qualname__}.server must name a fixture or be None, not {cls.server!r}"
            raise TypeError(msg)
        if cls._is_contract:
            return
        replaced = sorted(_replaced_tests(cls))
        if replaced:
            msg = (
                f"{cls.__qualname__} replaces {', '.join(replaced)} of its contract. A backend's"
                " test class adds fixtures and overrides nothing: fix the backend, or mark the"
                ' replacement with @pytest.mark.xfail(strict=True, reason="..."): that puts the'
                " gap on record"
            )
            raise TypeError(msg)

    @pytest.fixture(name="clock", autouse=True)
    def _clock(self) -> ManualClock:
        """The clock that `advance` moves, new for every test.

        A backend's fixture asks for it and passes it on as `time_fn`.
        """
        self.clock = ManualClock()
        return self.clock

    @pytest.fixture
    def contract_server(self, request: pytest.FixtureRequest) -> Any:
        """The running server that the class attribute `server` names."""
        if self.server is None:
            pytest.fail(
                f"{type(self).__qualname__} names no server: mark the test with needs_server"
            )
        return request.getfixturevalue(self.server)

    @classmethod
    def _server_decides_time(cls) -> bool:
        return cls.server is not None if cls.server_clock is None else cls.server_clock


class ContractBase(_Contract):
    """Base of the contract suites of synchronous interfaces; `AsyncContractBase` is its twin.

    A suite is a class of tests that every backend of an interface runs. The test class of a backend
    adds one fixture, names its server, and overrides nothing:

    ```python
    import pytest
    from mic.testing.contracts import ContractBase

    class StackContract(ContractBase, contract=True):
        @pytest.fixture
        def backend(self) -> list[int]:
            raise NotImplementedError("a test class gives its backend")

        def test_the_last_comes_first(self, backend: list[int]) -> None:
            backend.append(1)
            backend.append(2)
            assert backend.pop() == 2

    class TestList(StackContract):
        @pytest.fixture
        def backend(self) -> list[int]:
            return []
    ```

    Guarantees: a subclass that replaces a contract test does not come into being (`TypeError`),
    unless the replacement carries `xfail(strict=True, reason=...)`; that holds for a test hidden by
    a mixin or set to `None` as well. Tests marked `needs_server` are not collected where `server`
    is `None`. Every test has a `ManualClock` of its own.

    Attributes:
        server: Name of the fixture that runs the backend's server, for the tests that kill or pause
            it; `None` for an embedded backend.
        server_clock: Whether the server's own clock decides lifetimes, so that `advance` has to
            wait. `None`: where there is a server.
        clock: The clock that `advance` moves; also the fixture `clock`.
    """

    def advance(self, seconds: float) -> None:
        """Let `seconds` (0 or more) pass.

        Moves the injected clock and, where the server's own clock decides, waits that long.
        """
        self.clock.advance(seconds)
        if self._server_decides_time():
            time.sleep(seconds + _MARGIN_SECONDS)


class AsyncContractBase(_Contract):
    """Base of the contract suites of asynchronous interfaces; else as `ContractBase`."""

    async def advance(self, seconds: float) -> None:
        """Let `seconds` (0 or more) pass.

        Moves the injected clock and, where the server's own clock decides, waits that long.
        """
        self.clock.advance(seconds)
        if self._server_decides_time():
            await asyncio.sleep(seconds + _MARGIN_SECONDS)


def _replaced_tests(cls: type[_Contract]) -> Iterable[str]:
    """Names of the contract tests that a class which is no contract hides from the MRO."""
    contracts = [base for base in cls.__mro__ if getattr(base, "_is_contract", False)]
    names = {name for base in contracts for name in vars(base) if name.startswith("test")}
    for name in names:
        definer = next(base for base in cls.__mro__ if name in vars(base))
        if definer not in contracts and not _is_recorded_gap(vars(definer)[name]):
            yield name


def _is_recorded_gap(test: object) -> bool:
    marks = getattr(inspect.unwrap(test) if callable(test) else test, "pytestmark", [])
    return any(
        mark.name == "xfail"
        and mark.kwargs.get("strict") is True
        and str(mark.kwargs.get("reason") or "").strip()
        for mark in marks
    )
