"""What was logged while a block ran."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

_MOST = 100_000


class CapturedLogs(logging.Handler):
    """The records of one logger and those below it, oldest first; the last 100,000 are kept.

    Attributes:
        records: The records.
    """

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.records: deque[logging.LogRecord] = deque(maxlen=_MOST)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record."""
        self.records.append(record)

    @property
    def messages(self) -> tuple[str, ...]:
        """Their messages, with the arguments in."""
        return tuple(record.getMessage() for record in self.records)

    def __len__(self) -> int:
        """How many records."""
        return len(self.records)


@contextmanager
def capture_logs(name: str = "", *, level: int = logging.DEBUG) -> Iterator[CapturedLogs]:
    """Keep what a logger is given while the block runs; its level and handlers are put back.

    ```python
    with capture_logs("mic.http") as logs:
        client.get("/broken")
    assert logs.messages == ("unhandled error: route items.read, request unknown",)
    ```

    Args:
        name: The logger; the root by default.
        level: The lowest level that is kept.
    """
    logger = logging.getLogger(name)
    captured = CapturedLogs()
    before = logger.level
    logger.addHandler(captured)
    logger.setLevel(level)
    try:
        yield captured
    finally:
        logger.setLevel(before)
        logger.removeHandler(captured)
