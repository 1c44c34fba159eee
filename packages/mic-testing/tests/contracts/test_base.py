from __future__ import annotations

import time
from collections.abc import Callable
from typing import ClassVar

import pytest

from mic.testing import ManualClock
from mic.testing.contracts import AsyncContractBase, ContractBase, needs_server

pytest_plugins = ["pytester"]

RunTests = Callable[..., pytest.RunResult]


class _StackContract(ContractBase, contract=True):
    """A small suite, as a third party would write one."""

    @pytest.fixture
    def backend(self) -> list[int]:
        raise NotImplementedError("a test class gives its backend")

    def test_last_comes_first(self, backend: list[int]) -> None:
        backend.extend([1, 2])
        assert backend.pop() == 2

    def test_starts_empty(self, backend: list[int]) -> None:
        assert not backend

    @needs_server
    def test_survives_a_restart(self, contract_server: str) -> None:
        assert contract_server == "running"


class TestEmbedded(_StackContract):
    @pytest.fixture
    def backend(self) -> list[int]:
        return []


class TestWithServer(_StackContract):
    server = "stack_server"

    @pytest.fixture
    def stack_server(self) -> str:
        return "running"

    @pytest.fixture
    def backend(self) -> list[int]:
        return []


class TestClock(ContractBase):
    def test_advance_moves_the_clock_at_once(self, clock: ManualClock) -> None:
        before, began = clock(), time.monotonic()
        self.advance(3600)
        assert clock is self.clock
        assert clock() - before == 3600
        assert time.monotonic() - began < 60

    @pytest.mark.parametrize("_", range(2))
    def test_every_test_has_a_clock_of_its_own(self, _: int) -> None:
        assert self.clock() == ManualClock()()
        self.advance(1)

    def test_time_does_not_go_back(self) -> None:
        with pytest.raises(ValueError, match="cannot go back"):
            self.advance(-1)


class TestAsyncClock(AsyncContractBase):
    async def test_advance_moves_the_clock_at_once(self, clock: ManualClock) -> None:
        before = clock()
        await self.advance(3600)
        assert clock() - before == 3600


class TestServerClock(ContractBase):
    server = "any_server"

    def test_advance_waits_where_the_server_decides(self) -> None:
        before, began = self.clock(), time.monotonic()
        self.advance(0.02)
        assert time.monotonic() - began >= 0.02
        assert self.clock() > before


class TestAsyncServerClock(AsyncContractBase):
    server_clock = True

    async def test_advance_waits_where_the_server_decides(self) -> None:
        began = time.monotonic()
        await self.advance(0.02)
        assert time.monotonic() - began >= 0.02


class TestInjectedClockBesideAServer(AsyncContractBase):
    server = "any_server"
    server_clock = False

    async def test_advance_does_not_wait(self) -> None:
        began = time.monotonic()
        await self.advance(3600)
        assert time.monotonic() - began < 60


def test_replacing_a_contract_test_is_refused() -> None:
    with pytest.raises(
        TypeError, match=r"Bad replaces test_last_comes_first, test_starts_empty of its"
    ):

        class Bad(_StackContract):
            def test_last_comes_first(self, backend: list[int]) -> None: ...

            def test_starts_empty(self, backend: list[int]) -> None: ...


def test_a_mixin_that_hides_a_contract_test_is_refused() -> None:
    class Mixin:
        def test_starts_empty(self, backend: list[int]) -> None: ...

    with pytest.raises(TypeError, match="replaces test_starts_empty"):

        class Bad(Mixin, _StackContract):
            pass


def test_removing_a_contract_test_is_refused() -> None:
    with pytest.raises(TypeError, match="replaces test_starts_empty"):

        class Bad(_StackContract):
            test_starts_empty = None  # type: ignore[assignment]  # what is refused


def test_a_class_below_a_test_class_is_held_to_it_as_well() -> None:
    with pytest.raises(TypeError, match="Below replaces test_starts_empty"):

        class Below(TestEmbedded):
            def test_starts_empty(self, backend: list[int]) -> None: ...


def test_a_gap_on_record_is_allowed() -> None:
    class Recorded(_StackContract):
        @pytest.mark.xfail(strict=True, reason="the engine has no order")
        def test_last_comes_first(self, backend: list[int]) -> None: ...

    assert issubclass(Recorded, _StackContract)


@pytest.mark.parametrize(
    "mark",
    [
        pytest.mark.xfail(reason="not strict"),
        pytest.mark.xfail(strict=True),
        pytest.mark.xfail(strict=True, reason=" "),
        pytest.mark.xfail(strict=False, reason="not strict"),
        pytest.mark.skip(reason="not an xfail"),
    ],
)
def test_half_a_record_is_none(mark: pytest.MarkDecorator) -> None:
    with pytest.raises(TypeError, match="replaces test_starts_empty"):

        class Bad(_StackContract):
            @mark
            def test_starts_empty(self, backend: list[int]) -> None: ...


def test_a_test_class_may_add_tests_and_change_them_further_down() -> None:
    class First(_StackContract):
        def test_of_its_own(self) -> None: ...

    class Second(First):
        def test_of_its_own(self) -> None: ...

    assert issubclass(Second, First)


def test_a_suite_may_refine_a_suite() -> None:
    class Refined(_StackContract, contract=True):
        def test_starts_empty(self, backend: list[int]) -> None: ...

    with pytest.raises(TypeError, match="replaces test_starts_empty"):

        class Bad(Refined):
            def test_starts_empty(self, backend: list[int]) -> None: ...


@pytest.mark.parametrize("name", ["", "not a name", 5])
def test_the_server_is_the_name_of_a_fixture(name: str) -> None:
    with pytest.raises(TypeError, match="server must name a fixture or be None"):

        class Bad(_StackContract):
            server: ClassVar[str | None] = name


_SUITE = """
import pytest
from mic.testing.contracts import ContractBase, needs_server

class SuiteContract(ContractBase, contract=True):
    @needs_server
    def test_with_server(self, contract_server): ...
    def test_without_mark(self, contract_server): ...
    def test_plain(self): ...
"""


def test_tests_that_need_a_server_are_not_collected_without_one(run_tests: RunTests) -> None:
    result = run_tests(_SUITE + "class TestX(SuiteContract): pass", "-v", "-k", "not without_mark")
    result.assert_outcomes(passed=1, deselected=1)
    result.stdout.no_fnmatch_line("*test_with_server*")


def test_a_missing_mark_is_told(run_tests: RunTests) -> None:
    result = run_tests(_SUITE + "class TestX(SuiteContract): pass", "-k", "without_mark")
    result.assert_outcomes(errors=1, deselected=1)
    result.stdout.fnmatch_lines(["*TestX names no server: mark the test with needs_server*"])


def test_a_replaced_test_stops_the_collection_at_its_class(run_tests: RunTests) -> None:
    result = run_tests(
        _SUITE
        + "class TestX(SuiteContract):\n    def test_plain(self): ...\n\ndef test_other(): ..."
    )
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(
        ["*class TestX(SuiteContract):*", "*TestX replaces test_plain of its*"]
    )
