"""Random queries give the same records in the same order in memory and on SQLite."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mic.datastorage import (
    AnyOf,
    Condition,
    Direction,
    InMemoryRelationalDataStorage,
    Op,
    Order,
    QuerySpec,
    TransactionalDataStorage,
)
from mic.datastorage_sql import SqlDataStorage

TEXT = st.text(alphabet="aAbBäÄ%_\\' 🦀", max_size=4)
SCORE = st.integers(-3, 3)
RECORDS = st.lists(
    st.fixed_dictionaries({"note": st.none() | TEXT, "score": st.none() | SCORE}),
    max_size=12,
)
COMPARISONS = [Op.eq, Op.ne, Op.lt, Op.lte, Op.gt, Op.gte]


def _conditions() -> st.SearchStrategy[Condition]:
    return st.one_of(
        st.builds(Condition, st.just("score"), st.sampled_from(COMPARISONS), SCORE),
        st.builds(Condition, st.just("note"), st.sampled_from(COMPARISONS), TEXT),
        st.builds(Condition, st.just("note"), st.sampled_from([Op.starts_with, Op.contains]), TEXT),
        st.builds(
            Condition,
            st.just("score"),
            st.sampled_from([Op.in_, Op.not_in]),
            st.lists(SCORE, max_size=3),
        ),
        st.builds(
            Condition, st.sampled_from(["note", "score"]), st.just(Op.is_null), st.booleans()
        ),
    )


SPECS = st.builds(
    QuerySpec,
    where=st.lists(
        _conditions() | st.builds(AnyOf, st.lists(_conditions(), min_size=1, max_size=3)),
        max_size=3,
    ),
    order_by=st.lists(
        st.builds(
            Order, st.sampled_from(["note", "score", "name", "id"]), st.sampled_from(Direction)
        ),
        max_size=3,
        unique_by=lambda order: order.field,
    ),
)


@pytest.fixture(scope="module")
def database() -> Any:
    with SqlDataStorage(url="sqlite://") as storage:
        yield storage


def _walk(
    storage: TransactionalDataStorage, record_type: Any, spec: QuerySpec, limit: int
) -> list[tuple[str, ...]]:
    records = storage.repository(record_type)
    pages: list[tuple[str, ...]] = []
    cursor: str | None = None
    while cursor is not None or not pages:
        page = records.page(spec, limit=limit, after=cursor, with_total=True)
        assert page.total == records.count(spec)
        pages.append(tuple(record.id for record in page.items))
        cursor = page.next_cursor
    return pages


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(values=RECORDS, spec=SPECS, limit=st.integers(1, 5))
def test_the_same_records_in_the_same_order(
    values: list[dict[str, Any]], spec: QuerySpec, limit: int, database: Any, account_type: Any
) -> None:
    database.create_all()
    records = [
        account_type(id=f"{n:02}", name=f"n{n % 4}{n}", **each) for n, each in enumerate(values)
    ]
    memory = InMemoryRelationalDataStorage()
    walks = []
    for storage in (memory, database):
        table = storage.repository(account_type)
        table.delete_where(QuerySpec(where=(Condition("id", Op.is_null, False),)))
        table.insert_many(records)
        found = [record.id for record in table.find(spec)]
        walk = _walk(storage, account_type, spec, limit)
        assert [each for page in walk for each in page] == found
        walks.append(walk)
    assert walks[0] == walks[1]
