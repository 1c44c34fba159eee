"""How long a thread waited for a processor, where the operating system tells."""

from __future__ import annotations

import os

_SCHEDSTAT = "/proc/thread-self/schedstat"


class RunDelay:
    """Seconds that a thread was ready to run while other programs had the processors.

    Linux counts that in the second field of `schedstat`, and in the third how often the thread was
    given a processor (kernel documentation, "Scheduler Statistics"). Where there is no such file,
    or the thread has ended, both read as 0. Tells of the thread that made it; any thread may read.
    """

    __slots__ = ("_file",)

    def __init__(self, path: str = _SCHEDSTAT) -> None:
        try:
            self._file: int | None = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            self._file = None

    def read(self) -> float:
        """The delay so far, in seconds."""
        return self._field(1) / 1e9

    def turns(self) -> int:
        """How often the thread has been given a processor so far."""
        return self._field(2)

    def _field(self, index: int) -> int:
        if self._file is None:
            return 0
        try:
            return int(os.pread(self._file, 96, 0).split()[index])
        except ProcessLookupError:
            return 0

    def close(self) -> None:
        """Close the file; both read as 0 from then on. Closing twice is fine."""
        file, self._file = self._file, None
        if file is not None:
            os.close(file)
