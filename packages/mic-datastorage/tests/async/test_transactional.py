"""Storage that has transactions: reruns, and repositories that open a unit for each call."""

from dataclasses import dataclass

import pytest

from mic.datastorage import AsyncInMemoryRelationalDataStorage, AsyncUnitOfWork, QuerySpec
from mic.model import TransientError


@dataclass
class Thing:
    id: str
    version: int = 1


def _collision() -> TransientError:
    return TransientError(code="transient.memory_serialization", message="collided")


async def test_collisions_are_rerun_in_fresh_units() -> None:
    storage = AsyncInMemoryRelationalDataStorage()
    units: list[AsyncUnitOfWork] = []

    async def work(unit: AsyncUnitOfWork) -> int:
        units.append(unit)
        if len(units) < 3:
            raise _collision()
        return len(units)

    assert await storage.run_in_transaction(work, base_delay_seconds=0, read_only=True) == 3
    assert [unit.state for unit in units] == ["rolled_back", "rolled_back", "committed"]
    assert all(unit.read_only for unit in units)


@pytest.mark.parametrize("attempts", [1, 2])
async def test_after_the_last_attempt_the_last_error_is_raised(attempts: int) -> None:
    storage = AsyncInMemoryRelationalDataStorage()
    errors: list[TransientError] = []

    async def work(unit: AsyncUnitOfWork) -> None:
        errors.append(_collision())
        raise errors[-1]

    with pytest.raises(TransientError, match="collided") as caught:
        await storage.run_in_transaction(work, attempts=attempts, base_delay_seconds=0)
    assert caught.value is errors[-1]
    assert len(errors) == attempts


async def test_the_delay_is_not_negative() -> None:
    storage = AsyncInMemoryRelationalDataStorage()

    async def work(unit: AsyncUnitOfWork) -> None:
        pytest.fail("it was called")

    for delay in (-1.0, float("nan")):
        with pytest.raises(ValueError, match="base_delay_seconds"):
            await storage.run_in_transaction(work, base_delay_seconds=delay)


async def test_each_call_of_a_repository_is_a_unit_of_its_own() -> None:
    storage = AsyncInMemoryRelationalDataStorage()
    records = storage.repository(Thing)
    await records.insert(Thing("a"))
    assert await records.get("a", for_update=True) == Thing("a")
    assert await records.exists(QuerySpec())


async def test_a_disposed_storage_opens_no_unit() -> None:
    storage = AsyncInMemoryRelationalDataStorage()
    records = storage.repository(Thing)
    await storage.dispose()
    with pytest.raises(RuntimeError, match="disposed"):
        storage.unit_of_work()
    with pytest.raises(RuntimeError, match="disposed"):
        await records.get("a")
