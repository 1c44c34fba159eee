"""Opens one regular file and reads it, from worker threads.

What is known about the file is asked of its descriptor, so nothing can be swapped in between.
"""

import errno
import os
import stat
from os import PathLike
from pathlib import Path

from mic.http._file_answer import FileFacts
from mic.http._lease import Lease
from mic.model import NotFoundError

_PathInput = str | PathLike[str]


def _flags(*names: str) -> int:
    """Combine flags; what a platform has no flag for, it has no danger of."""
    flags = os.O_RDONLY
    for name in names:
        flags |= getattr(os, name, 0)
    return flags


# O_NONBLOCK: opening a FIFO would wait for its writer
_FILE = _flags("O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY")
_FOLDER = _flags("O_DIRECTORY", "O_NOFOLLOW", "O_CLOEXEC", "O_PATH")
_NO_FOLLOW = _flags("O_NOFOLLOW")
_CAN_WALK = os.open in os.supports_dir_fd

# What a wrong path looks like. Anything else (EMFILE, EIO) is the service's own trouble and no
# absent file.
_NOT_THERE = frozenset(
    {
        errno.EACCES,
        errno.EINVAL,
        errno.EISDIR,
        errno.ELOOP,
        errno.ENAMETOOLONG,
        errno.ENOENT,
        errno.ENOTDIR,
        errno.ENXIO,
        errno.EPERM,
    }
)


class FileReader:
    """One descriptor, opened and read in threads, one at a time.

    Guarantees: `close` never waits and may come at any moment, before `open` or during a read.

    Attributes:
        path: The resolved absolute path of the open file; empty before.
    """

    __slots__ = ("_descriptor", "_lease", "path")

    def __init__(self) -> None:
        self.path = ""
        self._descriptor: int | None = None
        self._lease = Lease(self._release)

    def open(self, path: _PathInput, *, root: _PathInput | None = None) -> FileFacts:
        """Open a regular file and tell its state.

        Args:
            path: The file; relative to `root` when that is given.
            root: Folder that the file must lie in when every link is followed.

        Raises:
            NotFoundError: Absent, unreadable, no regular file, or outside `root`; code
                `http.file_not_found`.
            ValueError: The reader is closed.
        """
        with self._lease.in_use():
            try:
                self.path, self._descriptor = _opened(path, root)
            except ValueError as error:  # NUL, or text that no file name can be
                raise _not_found() from error
            except OSError as error:
                if error.errno in _NOT_THERE:
                    raise _not_found() from error
                raise
            status = os.fstat(self._descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise _not_found()
            return FileFacts(status.st_size, status.st_mtime_ns)

    def read(self, offset: int, size: int) -> bytes:
        """Read up to `size` bytes at `offset`; nothing at the end of the file.

        Raises:
            ValueError: The reader is closed, or nothing is open.
        """
        with self._lease.in_use():
            if self._descriptor is None:
                msg = "no file is open"
                raise ValueError(msg)
            os.lseek(self._descriptor, offset, os.SEEK_SET)
            return os.read(self._descriptor, size)

    def close(self) -> None:
        """Give the descriptor back, now or when the thread that uses it is done."""
        self._lease.close()

    def _release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)


def _not_found() -> NotFoundError:
    return NotFoundError(code="http.file_not_found", message="there is no such file")


def _opened(path: _PathInput, root: _PathInput | None) -> tuple[str, int]:
    if root is None:
        resolved = os.path.realpath(path)
        return resolved, _open_file(resolved)
    base = os.path.realpath(root)
    resolved = os.path.realpath(Path(base, path))
    parts = Path(resolved).relative_to(base).parts
    if not parts:
        raise IsADirectoryError(errno.EISDIR, "the path is the root")
    return resolved, _open_beneath(base, parts) if _CAN_WALK else _open_file(resolved)


def _open_beneath(base: str, parts: tuple[str, ...]) -> int:
    """Open step by step and follow no link: what became one since it was resolved leads nowhere."""
    folder = os.open(base, _FOLDER)
    try:
        for part in parts[:-1]:
            inner = os.open(part, _FOLDER, dir_fd=folder)
            os.close(folder)
            folder = inner
        return _open_file(parts[-1], folder=folder)
    finally:
        os.close(folder)


def _open_file(name: str, *, folder: int | None = None) -> int:
    # looked at before, because opening a device can have an effect; whether it is still regular is
    # asked of the descriptor
    if not stat.S_ISREG(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
        raise FileNotFoundError(errno.ENOENT, "no regular file")
    return os.open(name, _FILE | _NO_FOLLOW, dir_fd=folder)
