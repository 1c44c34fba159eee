"""Where the servers of a session keep what they write."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

MEMORY = Path("/dev/shm")  # nosec B108 - the folder in it is made by `mkdtemp`
"""The file system that Linux keeps in memory."""

ROOM_BYTES = 2 * 1024**3
"""How much of it has to be free: every server of the family together takes a quarter of that."""

_AGAIN_SECONDS = 0.05
_CHOICES = ("TMPDIR", "TEMP", "TMP")
"""What `tempfile` reads: who set one of them has said where temporary files go."""


def new_session_folder(environ: Mapping[str, str], *, memory: Path = MEMORY) -> Path:
    """Make a new, empty folder, in memory where that is possible.

    A new database is three hundred files, and a disk takes five times as long for them as memory.

    Args:
        environ: Where the variables that `tempfile` reads are looked up; one that is set wins.
        memory: The file system in memory.
    """
    chosen = any(environ.get(name) for name in _CHOICES)
    parent = None if chosen or not _fits(memory) else memory
    folder = Path(tempfile.mkdtemp(prefix="mic-servers-", dir=parent))
    # a server that must not run as root has to get to its own folder
    folder.chmod(0o711)
    return folder


def remove_folder(
    folder: Path, *, within: float = 10.0, first: Callable[[], object] = lambda: None
) -> bool:
    """Remove a folder, although what is just ending may still write into it.

    Args:
        folder: It, and all in it.
        within: The longest that is tried, in seconds.
        first: What is done before every try.

    Returns:
        Whether it is gone.
    """
    deadline = time.monotonic() + within
    while True:
        first()
        shutil.rmtree(folder, ignore_errors=True)
        gone = not folder.exists()
        if gone or time.monotonic() >= deadline:
            return gone
        time.sleep(_AGAIN_SECONDS)


def _fits(memory: Path) -> bool:
    """Whether there is room, for us, and for programs that are copied there to be run."""
    try:
        told = os.statvfs(memory)
    except OSError:
        return False
    roomy = told.f_bavail * told.f_frsize >= ROOM_BYTES
    return roomy and not told.f_flag & os.ST_NOEXEC and os.access(memory, os.W_OK | os.X_OK)
