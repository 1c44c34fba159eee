from __future__ import annotations

import threading
from pathlib import Path

from mic.testing import eventually
from mic.testing._thread_time import RunDelay


def test_it_reads_the_second_field_as_nanoseconds(tmp_path: Path) -> None:
    file = tmp_path / "schedstat"
    file.write_text("580168 2500000000 2\n")
    delay = RunDelay(str(file))
    assert delay.read() == 2.5
    assert delay.turns() == 2
    file.write_text("580168 3500000000 2\n")
    assert delay.read() == 3.5
    delay.close()
    delay.close()
    assert delay.read() == 0


def test_without_the_file_there_is_no_delay(tmp_path: Path) -> None:
    delay = RunDelay(str(tmp_path / "absent"))
    assert (delay.read(), delay.turns()) == (0, 0)
    delay.close()


def test_a_thread_that_has_ended_has_no_delay() -> None:
    made: list[RunDelay] = []
    thread = threading.Thread(target=lambda: made.append(RunDelay()))
    thread.start()
    thread.join()
    # the system forgets a thread a moment after it was joined
    assert eventually(lambda: (made[0].read(), made[0].turns()) == (0, 0))
    made[0].close()


def test_the_delay_of_this_thread_never_shrinks() -> None:
    delay = RunDelay()
    first = delay.read()
    assert 0 <= first <= delay.read()
    delay.close()
