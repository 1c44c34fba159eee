import io
import tempfile
import threading
from pathlib import Path
from typing import Any

import pytest

from mic.http._spool import SPOOL_BYTES, Spool
from mic.http._threads import WorkerPool


@pytest.fixture
def workers() -> WorkerPool:
    return WorkerPool(limit=1, queue_limit=10)


def descriptors() -> int:
    return sum(1 for _ in Path("/dev/fd").iterdir())


async def test_small_in_memory(workers: WorkerPool) -> None:
    spool = Spool(workers)
    await spool.write(b"a" * (SPOOL_BYTES - 1))
    await spool.write(b"b")
    file = await spool.finish()
    assert isinstance(file, io.BytesIO)
    assert spool.size == SPOOL_BYTES
    assert file.read() == b"a" * (SPOOL_BYTES - 1) + b"b"


async def test_large_on_disk_and_never_on_the_loop(
    workers: WorkerPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: set[int] = set()
    really_make = tempfile.TemporaryFile

    def make() -> Any:
        threads.add(threading.get_ident())
        return really_make()

    monkeypatch.setattr(tempfile, "TemporaryFile", make)
    before = descriptors()
    spool = Spool(workers)
    for number in range(5):
        await spool.write(bytes([number]) * 500_000)
    file = await spool.finish()
    assert not isinstance(file, io.BytesIO)
    assert threads
    assert threading.get_ident() not in threads
    assert spool.size == 2_500_000
    assert file.tell() == 0
    assert file.read() == b"".join(bytes([number]) * 500_000 for number in range(5))
    file.close()
    assert descriptors() == before


async def test_memory_is_bounded(workers: WorkerPool) -> None:
    spool = Spool(workers)
    for _ in range(10):
        await spool.write(bytes(300_000))
        assert len(spool._buffer) <= SPOOL_BYTES
    spool.close()


async def test_given_up_before_and_after_it_went_to_disk(workers: WorkerPool) -> None:
    before = descriptors()
    small, large = Spool(workers), Spool(workers)
    await small.write(b"a")
    await large.write(bytes(SPOOL_BYTES + 1))
    assert descriptors() == before + 1
    small.close()
    large.close()
    assert descriptors() == before
    with pytest.raises(ValueError, match="closed"):
        await large.write(bytes(SPOOL_BYTES + 1))
