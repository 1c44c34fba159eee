"""A process that is killed anywhere leaves whole units of work, or nothing of them."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import sys
from sqlmodel import Field, SQLModel
from mic.datastorage_sql import SqlDataStorage

class Left(SQLModel, table=True):
    id: int = Field(primary_key=True)

class Right(SQLModel, table=True):
    id: int = Field(primary_key=True)

with SqlDataStorage(url=sys.argv[1]) as storage:
    storage.create_all()
    start = int(sys.argv[2])
    for number in range(start, start + 100_000):
        with storage.unit_of_work() as unit:
            unit.repository(Left).insert(Left(id=number))
            with unit.savepoint():
                unit.repository(Right).insert(Right(id=number))
        print(number, flush=True)
"""


@pytest.mark.proof
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_killed_anywhere(tmp_path: Path) -> None:
    path = tmp_path / "crash.db"
    kills = 200 if os.environ.get("MIC_PROOF") == "long" else 3
    chance = random.Random(kills)
    confirmed = 0
    for _ in range(kills):
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, f"sqlite:///{path}", str(confirmed + 1000)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        for _ in range(chance.randint(1, 40)):
            confirmed = int(process.stdout.readline())
        # Let it come to an arbitrary place of the next unit of work.
        for _ in range(chance.randint(0, 20_000)):
            pass
        process.kill()
        printed = process.stdout.read().split()
        process.wait()
        process.stdout.close()
        # A line that was cut off was of a unit that is committed all the same.
        confirmed = max([confirmed, *(int(text) for text in printed[:-1])])
        connection = sqlite3.connect(path)
        left = {row[0] for row in connection.execute('SELECT id FROM "left"')}
        right = {row[0] for row in connection.execute('SELECT id FROM "right"')}
        connection.close()
        assert left == right
        assert confirmed in left
        confirmed = max(left)
