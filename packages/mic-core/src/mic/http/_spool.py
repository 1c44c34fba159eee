"""Keeps an uploaded file while it arrives: in memory while it is small, on disk from then on."""

import io
import tempfile
from typing import IO

from mic.http._lease import Lease
from mic.http._threads import WorkerPool

SPOOL_BYTES = 1_048_576


class Spool:
    """Collects the chunks of one file.

    Guarantees: at most `SPOOL_BYTES` and one chunk are held in memory; the temporary file is used
    in worker threads only, has no name where the platform allows that, and is gone once the spool,
    or the file that it gave, is closed.

    Attributes:
        size: Bytes so far.
    """

    __slots__ = ("_buffer", "_file", "_lease", "_workers", "size")

    def __init__(self, workers: WorkerPool) -> None:
        self.size = 0
        self._workers = workers
        self._buffer = bytearray()
        self._file: IO[bytes] | None = None
        self._lease = Lease(self._release)

    async def write(self, chunk: bytes | bytearray) -> None:
        """Append a chunk."""
        self._buffer += chunk
        self.size += len(chunk)
        if len(self._buffer) > SPOOL_BYTES:
            await self._workers.run(self._to_disk)

    async def finish(self) -> IO[bytes]:
        """Give the whole file, at its start. Whoever takes it closes it."""
        if self._file is None:
            return io.BytesIO(self._buffer)
        return await self._workers.run(self._whole)

    def close(self) -> None:
        """Give up, in the middle of the file."""
        self._lease.close()

    def _to_disk(self) -> IO[bytes]:
        with self._lease.in_use():
            if self._file is None:
                self._file = tempfile.TemporaryFile()  # noqa: SIM115 (it outlives this call)
            self._file.write(self._buffer)
            self._buffer.clear()
            return self._file

    def _whole(self) -> IO[bytes]:
        file = self._to_disk()
        with self._lease.in_use():
            file.seek(0)
        return file

    def _release(self) -> None:
        if self._file is not None:
            self._file.close()
