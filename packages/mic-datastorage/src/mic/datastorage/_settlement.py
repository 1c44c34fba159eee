"""What became of a step that must not be abandoned half-way: a value, no I/O."""

from dataclasses import dataclass

from mic.datastorage.errors import CommitUnknownError


@dataclass(frozen=True, slots=True)
class Settlement:
    """The outcome of a step that was carried through in spite of cancellation.

    Attributes:
        error: What the step raised.
        pending: Its outcome was not known when the grace was over.
        cancelled: The cancellation that arrived meanwhile and still has to be raised.
    """

    error: BaseException | None = None
    pending: bool = False
    cancelled: BaseException | None = None

    @property
    def succeeded(self) -> bool:
        """Whether the step ended, and without an error."""
        return not self.pending and self.error is None

    @property
    def unknown(self) -> bool:
        """Whether a step that decides (COMMIT) may or may not have taken effect."""
        error = self.error
        stopped = error is not None and not isinstance(error, Exception)
        return self.pending or stopped or isinstance(error, CommitUnknownError)

    def raise_cancellation(self) -> None:
        """Raise the cancellation that had to wait."""
        if self.cancelled is not None:
            raise self.cancelled from self.error

    def raise_outcome(self) -> None:
        """Raise what the step ended with: a cancellation that had to wait comes first."""
        self.raise_cancellation()
        if self.pending:
            raise CommitUnknownError
        if self.error is not None:
            raise self.error
