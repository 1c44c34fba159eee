"""Storage that has transactions."""

import random
from abc import abstractmethod
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, ClassVar, TypeVar

from mic.datastorage._async.base import AsyncDataStorage
from mic.datastorage._async.repository import AsyncRepository
from mic.datastorage._async.uow import AsyncUnitOfWork, AsyncUnitScope
from mic.datastorage._options import IsolationLevel, ReadPlan, RepositoryOptions, UnitOptions
from mic.datastorage._waiting_async import sleep
from mic.datastorage.query import AnyOf, Condition, KeysetPage, QuerySpec
from mic.model import TransientError

__all__ = ["AsyncTransactionalDataStorage"]

T = TypeVar("T")


class AsyncTransactionalDataStorage(AsyncDataStorage):
    """A storage with units of work and repositories.

    Guarantees:
        - Everything written through one unit of work is visible together or not at all.
        - Isolation is the engine's default unless `isolation` says more.

    A backend implements `_new_unit` and `_known_fields` besides `check_health`.
    """

    _rerun_codes: ClassVar[frozenset[str]] = frozenset()
    """For backends: codes of the `TransientError`s after which the whole transaction may rerun."""

    def unit_of_work(
        self,
        *,
        read_only: bool = False,
        isolation: IsolationLevel | None = None,
        timeout_seconds: float | None = None,
        settings: Mapping[str, str] | None = None,
        join: AsyncUnitOfWork | None = None,
    ) -> AbstractAsyncContextManager[AsyncUnitOfWork]:
        """A block that is one transaction.

        Args:
            read_only: Refuse every write.
            isolation: At least this isolation; `None` is the engine's default.
            timeout_seconds: The longest a statement may take, where the engine can enforce it.
            settings: Variables of the transaction (row-level security), where the engine has them.
            join: A unit of work to take part in: the block yields that one and leaves the commit to
                its owner; when the block raises, its owner can only roll back. The other arguments
                have no effect then.

        Raises:
            RuntimeError: The storage is disposed, or `join` is finished.
            ValueError: An argument is out of its range, the engine has no `settings`, or `join`
                belongs to another storage.
            UnsupportedOperationError: The engine has no such isolation level.
        """
        self._check_alive()
        options = UnitOptions(
            read_only=read_only,
            isolation=isolation,
            timeout_seconds=timeout_seconds,
            settings={} if settings is None else dict(settings),
        )
        if join is None:
            return AsyncUnitScope(self._new_unit(options))
        join._book.check_active()
        if not self._owns(join):
            raise ValueError("join: the unit of work belongs to another storage")
        return AsyncUnitScope(join, joined=True)

    def repository(self, record_type: type[T], **options: Any) -> AsyncRepository[T]:
        """The records of one type; every call is a unit of work of its own.

        Args:
            record_type: The class of the records.
            **options: Those of `mic.datastorage.repository.RepositoryOptions`.

        Raises:
            TypeError: An unknown option, or a type that this backend cannot store.
            ValueError: An option out of its range.
        """
        return _AsyncRepositoryOfUnits(self, record_type, RepositoryOptions(**options))

    async def run_in_transaction(
        self,
        fn: Callable[[AsyncUnitOfWork], Awaitable[T]],
        *,
        attempts: int = 3,
        base_delay_seconds: float = 0.02,
        read_only: bool = False,
        isolation: IsolationLevel | None = None,
    ) -> T:
        """Call `fn` in a unit of work, and again in a fresh one when transactions collided.

        Guarantees: it reruns after serialization failures and deadlocks only, with full jitter
        between 0 and `base_delay_seconds * 2 ** n`, and never when the outcome of a commit is not
        known. `fn` must have no effect outside of its unit of work.

        Args:
            fn: Called with the unit of work.
            attempts: How often at most, at least 1.
            base_delay_seconds: The scale of the delay, 0 or more.
            read_only: As for `unit_of_work`.
            isolation: As for `unit_of_work`.

        Returns:
            What `fn` returned in the attempt that was committed.

        Raises:
            ValueError: An argument is out of its range.
            DomainError: After the last attempt, the last error; every other error at once.
        """
        if attempts < 1 or not base_delay_seconds >= 0:
            raise ValueError("attempts must be at least 1, base_delay_seconds at least 0")
        for attempt in range(1, attempts):
            try:
                return await self._run_once(fn, read_only=read_only, isolation=isolation)
            except TransientError as error:
                if error.code not in self._rerun_codes:
                    raise
            # Jitter spreads the rivals; it protects nothing.
            await sleep(random.uniform(0, base_delay_seconds * 2**attempt))  # nosec B311
        return await self._run_once(fn, read_only=read_only, isolation=isolation)

    async def _run_once(
        self,
        fn: Callable[[AsyncUnitOfWork], Awaitable[T]],
        *,
        read_only: bool,
        isolation: IsolationLevel | None,
    ) -> T:
        async with self.unit_of_work(read_only=read_only, isolation=isolation) as unit:
            return await fn(unit)

    @abstractmethod
    def _new_unit(self, options: UnitOptions) -> AsyncUnitOfWork:
        """For backends: a unit of work that is not yet begun; does no I/O."""

    @abstractmethod
    def _known_fields(
        self, record_type: type[Any], options: RepositoryOptions
    ) -> Collection[str] | None:
        """For backends: the fields that a query may name; `None` when they are not declared.

        Raises:
            TypeError: This backend cannot store the type.
        """

    def _owns(self, unit: AsyncUnitOfWork) -> bool:
        """For backends: whether `unit` is a transaction of this storage."""
        return getattr(unit, "storage", None) is self


class _AsyncRepositoryOfUnits(AsyncRepository[T]):
    """A repository that opens a unit of work for each call."""

    def __init__(
        self,
        storage: AsyncTransactionalDataStorage,
        record_type: type[T],
        options: RepositoryOptions,
    ) -> None:
        super().__init__(record_type, options)
        self._storage = storage
        self._fields = storage._known_fields(record_type, options)

    async def get(self, id: Any, *, for_update: bool = False) -> T | None:
        async with self._storage.unit_of_work(read_only=not for_update) as unit:
            return await self._in(unit).get(id, for_update=for_update)

    async def page(
        self,
        spec: QuerySpec | None = None,
        *,
        limit: int = 50,
        after: str | None = None,
        with_total: bool = False,
    ) -> KeysetPage[T]:
        async with self._storage.unit_of_work(read_only=True) as unit:
            return await self._in(unit).page(spec, limit=limit, after=after, with_total=with_total)

    async def insert(self, record: T) -> T:
        async with self._storage.unit_of_work() as unit:
            return await self._in(unit).insert(record)

    async def insert_many(self, records: Sequence[T], *, batch_size: int = 1000) -> int:
        async with self._storage.unit_of_work() as unit:
            return await self._in(unit).insert_many(records, batch_size=batch_size)

    async def update(self, record: T, *, expected_version: int | None = None) -> T:
        async with self._storage.unit_of_work() as unit:
            return await self._in(unit).update(record, expected_version=expected_version)

    async def upsert(self, record: T, *, conflict_fields: Sequence[str] = ()) -> T:
        async with self._storage.unit_of_work() as unit:
            return await self._in(unit).upsert(record, conflict_fields=conflict_fields)

    async def delete(self, id: Any, *, expected_version: int | None = None) -> bool:
        async with self._storage.unit_of_work() as unit:
            return await self._in(unit).delete(id, expected_version=expected_version)

    async def _read(self, plan: ReadPlan) -> list[T]:
        async with self._storage.unit_of_work(read_only=True) as unit:
            return await self._in(unit)._read(plan)

    async def _count(self, where: tuple[Condition | AnyOf, ...]) -> int:
        async with self._storage.unit_of_work(read_only=True) as unit:
            return await self._in(unit)._count(where)

    async def _delete_where(self, where: tuple[Condition | AnyOf, ...]) -> int:
        async with self._storage.unit_of_work() as unit:
            return await self._in(unit)._delete_where(where)

    def _known_fields(self) -> Collection[str] | None:
        return self._fields

    def _in(self, unit: AsyncUnitOfWork) -> AsyncRepository[T]:
        return unit._repository(self.record_type, self.options)
