"""What a unit of work knows about itself: its state, its hooks, its savepoints. No I/O.

```
active --(hooks, flush, COMMIT)--> committed --> after_commit hooks
active --(exception, cancellation, set_rollback_only, failing hook)--> rolled_back
                                                               --> after_rollback hooks
active --(connection lost while COMMIT is in flight)--> unknown, no hook
```
"""

from collections.abc import Callable
from typing import Any, Literal

from mic.datastorage._settlement import Settlement

UnitState = Literal["active", "committed", "rolled_back", "unknown"]
Hook = Callable[[], Any]


class UnitBook:
    """The state of one unit of work, shared by its synchronous and asynchronous form."""

    __slots__ = (
        "_failed_levels",
        "after_commit",
        "after_rollback",
        "before_commit",
        "entered",
        "rollback_only",
        "state",
    )

    def __init__(self) -> None:
        self.state: UnitState = "active"
        self.entered = False
        self.rollback_only = False
        self.before_commit: list[Hook] = []
        self.after_commit: list[Hook] = []
        self.after_rollback: list[Hook] = []
        self._failed_levels = [False]

    def enter(self) -> None:
        """Begin.

        Raises:
            RuntimeError: It was begun before.
        """
        if self.entered:
            raise RuntimeError("a unit of work is entered once")
        self.entered = True

    def check_active(self) -> None:
        """Refuse the use of a unit of work that is finished, or was never entered.

        Raises:
            RuntimeError: It is not active.
        """
        if self.state != "active" or not self.entered:
            raise RuntimeError(
                f"the unit of work is {self.state}"
                if self.entered
                else "the unit of work was not entered"
            )

    def check_usable(self) -> None:
        """Refuse a statement where an earlier one failed outside of a savepoint.

        Raises:
            RuntimeError: It is not active, or can only be rolled back.
        """
        self.check_active()
        if any(self._failed_levels):
            raise RuntimeError(
                "a statement of this unit of work failed, it can only be rolled back: put what may"
                " fail into savepoint()"
            )

    def fail(self) -> None:
        """A statement failed: this level (a savepoint, or the whole) has to be rolled back."""
        self._failed_levels[-1] = True

    def open_level(self) -> None:
        """A savepoint was set."""
        self._failed_levels.append(False)

    def close_level(self) -> bool:
        """A savepoint is left; whether a statement failed in it."""
        return self._failed_levels.pop()

    @property
    def must_roll_back(self) -> bool:
        """Whether the whole can only be rolled back."""
        return self.rollback_only or self._failed_levels[0]

    def conclude(self, commit: Settlement | None) -> list[Hook]:
        """Settle the final state; the hooks that now have to run.

        Args:
            commit: What became of COMMIT; `None` when it was never tried.
        """
        if commit is None or not (commit.succeeded or commit.unknown):
            self.state = "rolled_back"
            return self.after_rollback
        self.state = "unknown" if commit.unknown else "committed"
        return [] if commit.unknown else self.after_commit
