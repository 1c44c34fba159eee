# Generated from _async/uow.py by "make unasync"; edit that file.
"""One unit of work: everything written through it is visible together or not at all."""

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import TracebackType
from typing import Any, NoReturn, TypeVar

from mic.datastorage._options import RepositoryOptions, UnitOptions
from mic.datastorage._records import with_fields
from mic.datastorage._sync.repository import Repository
from mic.datastorage._unit_book import UnitBook, UnitState
from mic.datastorage._waiting_sync import call_hook, settle
from mic.datastorage.errors import CommitUnknownError

__all__ = ["UnitOfWork", "UnitScope"]

T = TypeVar("T")
_LOGGER = logging.getLogger("mic.datastorage")


class UnitOfWork(ABC):
    """One transaction, and what runs before and after its end.

    It comes from `unit_of_work()` of a storage and ends with that block:

    ```
    active --(before_commit hooks, flush, COMMIT)--> committed --> after_commit hooks
    active --(exception, cancellation, set_rollback_only, failing hook)--> rolled_back
                                                               --> after_rollback hooks
    active --(connection lost while COMMIT is in flight)--> unknown, no hook, CommitUnknownError
    ```

    Guarantees:
        - A block that raises or is cancelled leaves nothing behind; its exception passes.
        - A cancellation during COMMIT waits for the outcome, so that `state` tells the truth.
        - After a failed statement outside of `savepoint()` nothing more is sent: it can only be
          rolled back, and is, even when the block swallows the error. `state` tells.
        - Using a finished unit of work raises `RuntimeError`.

    A backend implements the abstract methods.

    Attributes:
        read_only: Whether writes are refused.
    """

    def __init__(self, options: UnitOptions) -> None:
        self.options = options
        self.read_only = options.read_only
        self._book = UnitBook()

    @property
    @abstractmethod
    def session(self) -> Any:
        """The engine's own session or transaction object.

        Raises:
            RuntimeError: The unit of work is finished.
        """

    @property
    def state(self) -> UnitState:
        """`active`, `committed`, `rolled_back` or `unknown`."""
        return self._book.state

    def repository(self, record_type: type[T], **options: Any) -> Repository[T]:
        """The records of one type, in this unit of work.

        Args:
            record_type: The class of the records.
            **options: Those of `mic.datastorage.repository.RepositoryOptions`.

        Raises:
            TypeError: An unknown option, or a type that this backend cannot store.
            ValueError: An option out of its range.
        """
        return self._repository(record_type, RepositoryOptions(**options))

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """A block that is undone alone when it raises, or when a statement in it failed.

        Raises:
            RuntimeError: The unit of work is finished, or can only be rolled back.
        """
        self._book.check_usable()
        mark = self._set_savepoint()
        self._book.open_level()
        try:
            yield
        except BaseException:
            self._book.close_level()
            self._undo_savepoint(mark)
            raise
        if self._book.close_level():
            self._undo_savepoint(mark)
        else:
            self._release_savepoint(mark)

    def flush(self) -> None:
        """Send what the engine's session holds back.

        Raises:
            RuntimeError: The unit of work is finished, or can only be rolled back.
        """
        self._book.check_usable()
        self._flush()

    def set_rollback_only(self) -> None:
        """End with a rollback, without an exception. May be called any number of times."""
        self._book.check_active()
        self._book.rollback_only = True

    def before_commit(self, hook: Callable[[], Any]) -> None:
        """Call a hook inside the transaction, before COMMIT; its exception rolls back.

        Args:
            hook: Called without arguments; synchronous ones are awaited. Hooks run in the order
                in which they were given, and may give further ones.
        """
        self._book.check_active()
        self._book.before_commit.append(hook)

    def after_commit(self, hook: Callable[[], Any]) -> None:
        """Call a hook once, after success; its exception is only logged."""
        self._book.check_active()
        self._book.after_commit.append(hook)

    def after_rollback(self, hook: Callable[[], Any]) -> None:
        """Call a hook once, after a rollback; its exception is only logged."""
        self._book.check_active()
        self._book.after_rollback.append(hook)

    @abstractmethod
    def _repository(self, record_type: type[T], options: RepositoryOptions) -> Repository[T]:
        """For backends: the repository of a type."""

    @abstractmethod
    def _begin(self) -> None:
        """For backends: open the transaction."""

    @abstractmethod
    def _flush(self) -> None:
        """For backends: send what is held back."""

    @abstractmethod
    def _commit(self) -> None:
        """For backends: commit; `CommitUnknownError` when the outcome cannot be known."""

    @abstractmethod
    def _rollback(self) -> None:
        """For backends: roll back."""

    @abstractmethod
    def _release(self) -> None:
        """For backends: give back what `_begin` took, whatever happened."""

    @abstractmethod
    def _set_savepoint(self) -> Any:
        """For backends: set a savepoint; what is returned names it."""

    @abstractmethod
    def _release_savepoint(self, mark: Any) -> None:
        """For backends: keep what was done since a savepoint."""

    @abstractmethod
    def _rollback_to(self, mark: Any) -> None:
        """For backends: undo what was done since a savepoint."""

    def _with_fields(self, record: T, **values: Any) -> T:
        """For backends: the record with values that only hold once this is committed.

        A rollback gives an unfrozen record its old values back, so that it can be written again.
        """
        before = {name: getattr(record, name) for name in values}
        changed = with_fields(record, **values)
        if changed is record:
            self._book.after_rollback.append(lambda: with_fields(record, **before))
        return changed

    def _translated(self, error: BaseException) -> BaseException:
        """For backends: what leaves the block when the engine's own exception reaches its end."""
        return error

    _grace_seconds: float = 5.0
    """How long an ending waits for its outcome after a cancellation."""

    def _undo_savepoint(self, mark: Any) -> None:
        def undo() -> None:
            self._rollback_to(mark)

        settlement = settle(undo, grace_seconds=self._grace_seconds)
        if not settlement.succeeded:
            # The savepoint may still stand: now only the whole can be undone.
            self._book.fail()
            _LOGGER.warning("a savepoint could not be rolled back", exc_info=settlement.error)
        settlement.raise_cancellation()

    def _enter(self) -> None:
        self._book.enter()
        try:
            self._begin()
        except BaseException as error:
            self._book.state = "rolled_back"
            settlement = settle(self._give_back, grace_seconds=self._grace_seconds)
            settlement.raise_cancellation()
            self._raise(error)

    def _leave(self, error: BaseException | None) -> None:
        """End: `error` is what left the block; it is raised by the caller."""
        obstacle: BaseException | None = None
        if error is None and not self._book.must_roll_back:
            obstacle = self._obstacle_to_commit()
        if error is None and obstacle is None and not self._book.must_roll_back:
            self._end_with_commit()
            return
        self._end_with_rollback()
        if obstacle is not None:
            self._raise(obstacle)

    def _obstacle_to_commit(self) -> BaseException | None:
        """Run the hooks and flush; what stopped it."""
        hooks = self._book.before_commit
        try:
            while hooks:
                call_hook(hooks.pop(0))
            if not self._book.must_roll_back:
                self._flush()
        except BaseException as error:
            return error
        return None

    def _end_with_commit(self) -> None:
        settlement = settle(self._commit_and_give_back, grace_seconds=self._grace_seconds)
        self._run_after(self._book.conclude(settlement))
        settlement.raise_outcome()

    def _end_with_rollback(self) -> None:
        settlement = settle(self._roll_back_and_give_back, grace_seconds=self._grace_seconds)
        self._run_after(self._book.conclude(None))
        settlement.raise_cancellation()

    def _commit_and_give_back(self) -> None:
        try:
            self._commit()
        except CommitUnknownError:
            self._give_back()
            raise
        except BaseException:
            self._roll_back_and_give_back()
            raise
        self._give_back()

    def _roll_back_and_give_back(self) -> None:
        try:
            self._rollback()
        except Exception:
            # The engine undoes what is not committed; what happened before must not be hidden.
            _LOGGER.warning("a unit of work could not be rolled back cleanly", exc_info=True)
        self._give_back()

    def _give_back(self) -> None:
        try:
            self._release()
        except Exception:
            _LOGGER.warning("a unit of work could not give its connection back", exc_info=True)

    def _run_after(self, hooks: list[Callable[[], Any]]) -> None:
        for hook in hooks:
            try:
                call_hook(hook)
            except Exception:
                _LOGGER.exception("a hook after the end of a unit of work failed")

    def _raise(self, error: BaseException) -> NoReturn:
        translated = self._translated(error)
        if translated is error:
            raise error
        raise translated from error


class UnitScope(AbstractContextManager[UnitOfWork]):
    """The block of a unit of work: for backends, and what `unit_of_work()` returns."""

    def __init__(self, unit: UnitOfWork, *, joined: bool = False) -> None:
        self._unit = unit
        self._joined = joined

    def __enter__(self) -> UnitOfWork:
        if not self._joined:
            self._unit._enter()
        return self._unit

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._joined:
            if error is not None and self._unit.state == "active":
                # The block leaves nothing behind, even when its owner swallows the exception.
                self._unit.set_rollback_only()
            return
        self._unit._leave(error)
        if error is not None:
            translated = self._unit._translated(error)
            if translated is not error:
                raise translated from error
