"""What the base of all repositories makes of a backend's few methods."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from mic.datastorage import (
    AsyncRepository,
    Condition,
    InvalidCursorError,
    InvalidQueryError,
    Op,
    Order,
    QuerySpec,
    RecordNotFoundError,
    UnboundedResultError,
    UnknownFieldError,
)
from mic.datastorage.repository import ReadPlan, RepositoryOptions


@dataclass
class Thing:
    id: int


class AsyncNumbers(AsyncRepository[Thing]):
    """The things 0 to 9; notes each plan."""

    def __init__(self, **options: Any) -> None:
        super().__init__(Thing, RepositoryOptions(**options))
        self.plans: list[ReadPlan] = []
        self.conditions: list[Any] = []

    async def _read(self, plan: ReadPlan) -> list[Thing]:
        self.plans.append(plan)
        after = -1 if plan.after is None else plan.after[-1]
        things = [Thing(number) for number in range(10) if number > after][plan.offset :]
        return things[: plan.limit]

    async def _count(self, where: Any) -> int:
        self.conditions.append(where)
        return 10

    async def _delete_where(self, where: Any) -> int:
        self.conditions.append(where)
        return 4

    def _known_fields(self) -> Collection[str] | None:
        return {"id"}

    async def get(self, id: Any, *, for_update: bool = False) -> Thing | None:
        return Thing(id) if id in range(10) else None

    async def insert(self, record: Thing) -> Thing:
        raise NotImplementedError

    async def insert_many(self, records: Sequence[Thing], *, batch_size: int = 1000) -> int:
        raise NotImplementedError

    async def update(self, record: Thing, *, expected_version: int | None = None) -> Thing:
        raise NotImplementedError

    async def upsert(self, record: Thing, *, conflict_fields: Sequence[str] = ()) -> Thing:
        raise NotImplementedError

    async def delete(self, id: Any, *, expected_version: int | None = None) -> bool:
        raise NotImplementedError


WHERE = (Condition("id", Op.gt, 3),)


def test_a_backend_has_all_duties() -> None:
    with pytest.raises(TypeError, match="_read"):
        AsyncRepository(Thing, RepositoryOptions())  # type: ignore[abstract]  # a caller's mistake


async def test_require() -> None:
    assert await AsyncNumbers().require(3) == Thing(3)
    with pytest.raises(RecordNotFoundError, match="no record"):
        await AsyncNumbers().require(99)


async def test_find_reads_one_more_than_it_may_give() -> None:
    enough = AsyncNumbers(max_rows=10)
    assert len(await enough.find()) == 10
    assert [plan.limit for plan in enough.plans] == [11]
    small = AsyncNumbers(max_rows=9)
    with pytest.raises(UnboundedResultError, match="more than 9"):
        await small.find()
    assert len(await small.find(QuerySpec(limit=10))) == 10


async def test_nothing_is_read_for_nothing() -> None:
    numbers = AsyncNumbers()
    assert await numbers.find(QuerySpec(limit=0)) == []
    assert await anext(numbers.stream(QuerySpec(limit=0)), None) is None
    assert numbers.plans == []


async def test_find_one_reads_two_at_most() -> None:
    numbers = AsyncNumbers()
    with pytest.raises(InvalidQueryError, match="more than one"):
        await numbers.find_one(QuerySpec())
    assert await numbers.find_one(QuerySpec(limit=1)) == Thing(0)
    assert await numbers.find_one(QuerySpec(offset=10)) is None
    assert [plan.limit for plan in numbers.plans] == [2, 1, 2]


async def test_exists_reads_one_and_count_none() -> None:
    numbers = AsyncNumbers()
    assert await numbers.exists(QuerySpec(where=WHERE, limit=0, offset=50))
    assert [(plan.limit, plan.offset) for plan in numbers.plans] == [(1, 0)]
    assert await numbers.count(QuerySpec(where=WHERE, limit=1)) == 10
    assert await numbers.delete_where(QuerySpec(where=WHERE)) == 4
    assert numbers.conditions == [WHERE, WHERE]


async def test_a_page_is_one_read_behind_the_cursor() -> None:
    numbers = AsyncNumbers()
    first = await numbers.page(limit=4)
    assert [thing.id for thing in first.items] == [0, 1, 2, 3]
    second = await numbers.page(limit=6, after=first.next_cursor, with_total=True)
    assert ([thing.id for thing in second.items], second.next_cursor) == ([4, 5, 6, 7, 8, 9], None)
    assert (first.total, second.total) == (None, 10)
    assert [(plan.after, plan.limit) for plan in numbers.plans] == [(None, 5), ((3,), 7)]
    with pytest.raises(InvalidCursorError, match="cursor"):
        await numbers.page(QuerySpec(where=WHERE), after=first.next_cursor)


async def test_a_stream_reads_batch_after_batch() -> None:
    numbers = AsyncNumbers()
    spec = QuerySpec(limit=7, offset=1)
    seen = [thing.id async for thing in numbers.stream(spec, batch_size=3)]
    assert seen == [1, 2, 3, 4, 5, 6, 7]
    assert [(plan.after, plan.offset, plan.limit) for plan in numbers.plans] == [
        (None, 1, 3),
        ((3,), 0, 3),
        ((6,), 0, 1),
    ]


async def test_a_stream_goes_on_behind_what_it_gave_whatever_became_of_that() -> None:
    seen: list[int] = []
    async for thing in AsyncNumbers().stream(batch_size=4):
        seen.append(thing.id)
        thing.id = -1
    assert seen == list(range(10))


def test_a_stream_checks_its_arguments_at_the_call() -> None:
    with pytest.raises(ValueError, match="batch_size"):
        AsyncNumbers().stream(batch_size=0)
    with pytest.raises(UnknownFieldError, match="no such field"):
        AsyncNumbers().stream(QuerySpec(order_by=(Order("name"),)))
