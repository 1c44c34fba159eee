"""The guard that fails a test when the event loop was held."""

from __future__ import annotations

import asyncio
import gc
import math
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType

from mic.testing._thread_time import RunDelay

DEFAULT_LIMIT_SECONDS = 0.05
_MAX_HOLDS = 20
_MAX_FRAMES = 30
_RUN = "_run"


@dataclass(frozen=True, slots=True)
class LoopHold:
    """One callback that held an event loop.

    Attributes:
        seconds: How long it held the loop, without the time that is no fault of its own.
        callback: What the loop was running: the task and its coroutine, or the callback.
        stack: The stack that held the loop, innermost call last, as a traceback shows it; empty
            when the watchdog was never let in before the callback had ended.
    """

    seconds: float
    callback: str
    stack: str


class LoopGuard:
    """Finds the code that holds an event loop. The fixture `loop_guard` is made of this.

    While it is on (`with LoopGuard() as guard: ...`), every callback of every asyncio loop of the
    process is timed from its start to its end, and a watchdog thread takes the stack of one that is
    late while it still runs.

    Guarantees: an idle, stopped or closed loop is never counted, because only running callbacks
    are. What a callback cannot help is taken off its time, so that a busy machine does not fail an
    innocent test: the time its thread was ready but other programs had the processors (Linux tells
    exactly), the time other threads had the interpreter lock (told by the watchdog, which waits for
    the same lock), and garbage collections. What remains is computing and waiting: a long loop,
    `time.sleep`, a lock, a synchronous call. At most 20 holds are kept.

    Limits: a C function that waits without releasing the interpreter lock looks like another
    thread's fault and may go unseen; so does, where the system tells nothing about threads, any
    wait beside threads that compute. Beside many such threads, on a machine that other programs
    keep full, too little may be taken off. A loop that is not asyncio's own (uvloop) has no
    callbacks here; `check` fails when nothing at all was seen, rather than pass unseen code.

    Args:
        limit_seconds: The longest time that a callback may hold its loop; above 0.

    Raises:
        ValueError: `limit_seconds` is not above 0.
    """

    def __init__(self, *, limit_seconds: float = DEFAULT_LIMIT_SECONDS) -> None:
        if not (math.isfinite(limit_seconds) and limit_seconds > 0):
            msg = f"limit_seconds must be a finite number above 0, not {limit_seconds!r}"
            raise ValueError(msg)
        self.limit_seconds = limit_seconds
        self._holds: deque[LoopHold] = deque(maxlen=_MAX_HOLDS)
        self._tick = max(limit_seconds / 10, 0.001)
        self._seen = False
        self._running: dict[int, _Running] = {}
        self._ended: deque[_Running] = deque()
        self._local = threading.local()
        self._delays: list[RunDelay] = []
        self._stopping = threading.Event()
        self._watchdog = threading.Thread(target=self._watch, name="loop-guard", daemon=True)
        self._used = False
        self._original: Callable[[asyncio.Handle], None] | None = None

    @property
    def holds(self) -> tuple[LoopHold, ...]:
        """What was found, in order. Complete once the guard is off."""
        return tuple(self._holds)

    def check(self) -> None:
        """Fail unless loops were seen and none was held.

        Raises:
            AssertionError: Names each hold with its stack; or no loop ran while the guard was on.
        """
        if self._holds:
            raise AssertionError("\n\n".join(map(self._describe, self._holds)))
        if not self._seen:
            msg = "loop_guard saw no event loop run: it watches asyncio's own loops only"
            raise AssertionError(msg)

    def __enter__(self) -> LoopGuard:
        """Begin to watch; inside a coroutine, from its next `await` on.

        Raises:
            RuntimeError: This guard has been on before.
        """
        if self._used:
            msg = "a LoopGuard is used once"
            raise RuntimeError(msg)
        self._used = True
        self._watchdog.start()
        # The one place that every callback of an asyncio loop passes through. What asyncio offers
        # for slow callbacks works in its debug mode only, which makes everything slower.
        original = getattr(asyncio.Handle, _RUN)
        self._original = original
        setattr(asyncio.Handle, _RUN, self._timed(original))
        gc.callbacks.append(self._on_collection)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop watching, and judge what was seen. To fail is left to `check`."""
        setattr(asyncio.Handle, _RUN, self._original)
        gc.callbacks.remove(self._on_collection)
        if this := self._running.get(threading.get_ident()):  # left inside a coroutine
            self._end(this)
        self._stopping.set()
        self._watchdog.join()
        for delay in self._delays:
            delay.close()

    def _describe(self, hold: LoopHold) -> str:
        where = f":\n{hold.stack.rstrip()}" if hold.stack else ", which ended before it was seen"
        return (
            f"the event loop was held for {hold.seconds * 1000:.0f} ms"
            f" (limit {self.limit_seconds * 1000:g} ms) by {hold.callback}{where}"
        )

    def _timed(
        self, original: Callable[[asyncio.Handle], None]
    ) -> Callable[[asyncio.Handle], None]:
        running, get_ident = self._running, threading.get_ident

        def _run(handle: asyncio.Handle) -> None:
            ident = get_ident()
            outer = running.get(ident)
            running[ident] = this = _Running(ident, handle, self._delay_of_thread())
            try:
                original(handle)
            finally:
                self._end(this)
                if outer is None:
                    running.pop(ident)
                else:
                    running[ident] = outer

        return _run

    def _end(self, this: _Running) -> None:
        self._seen = True
        this.wall = time.perf_counter() - this.started
        if this.wall > self.limit_seconds:
            this.computed = time.thread_time() - this.computed_before
            this.delayed = this.delay.read() - this.delayed_before
            self._ended.append(this)

    def _delay_of_thread(self) -> RunDelay:
        delay: RunDelay | None = getattr(self._local, "delay", None)
        if delay is None:
            delay = self._local.delay = RunDelay()
            self._delays.append(delay)
        return delay

    def _on_collection(self, phase: str, _info: dict[str, int]) -> None:
        this = self._running.get(threading.get_ident())
        if this is None:
            return
        now = time.perf_counter()
        if phase == "start":
            this.collecting_since = now
        else:
            this.collected += now - this.collecting_since

    def _watch(self) -> None:
        """The watchdog: sample what runs, and judge what has ended."""
        own = RunDelay()
        before, turns_before = time.perf_counter(), own.turns()
        stopping = False
        while not stopping:
            stopping = self._stopping.wait(self._tick)
            now, turns = time.perf_counter(), own.turns()
            late = max(now - before - self._tick, 0.0)
            if turns - turns_before == 1:
                # it woke up once and went straight on, so the interpreter lock was free: that it
                # woke up late explains nothing of what the loop's thread does
                late = 0.0
            before, turns_before = now, turns
            for this in (*list(self._running.values()), *self._ended):
                this.excuse(late)
            for this in list(self._running.values()):
                self._sample(this, now - this.started)
            while self._ended:
                self._judge(self._ended.popleft())
        own.close()

    def _sample(self, this: _Running, elapsed: float) -> None:
        """Take the stack of what is late: a first one half-way, and the one at the limit."""
        wanted = int(elapsed >= self.limit_seconds / 2) + int(elapsed >= self.limit_seconds)
        if this.samples >= wanted:
            return
        frame = sys._current_frames().get(this.ident)
        stack = traceback.StackSummary.extract(
            traceback.walk_stack(frame), limit=_MAX_FRAMES, lookup_lines=False
        )
        if self._running.get(this.ident) is this:  # else the frame was of what runs now
            stack.reverse()
            this.stack, this.samples = stack, wanted

    def _judge(self, this: _Running) -> None:
        held = held_seconds(
            wall=this.wall,
            computed=this.computed,
            delayed=this.delayed,
            excused=this.excused,
            collected=this.collected,
        )
        if held > self.limit_seconds:
            stack = "".join(_inside_callback(this.stack).format())
            self._holds.append(LoopHold(held, _name_of(this.handle), stack))


def held_seconds(
    *, wall: float, computed: float, delayed: float, excused: float, collected: float
) -> float:
    """How long a callback held its loop by its own doing; all in seconds.

    What it computed counts in full, whatever the machine did. What it waited counts as far as
    nothing else explains it.

    Args:
        wall: From its start to its end.
        computed: Processor time of its thread meanwhile.
        delayed: Time its thread was ready while other programs had the processors.
        excused: Time the watchdog was late because it waited for the interpreter lock, or had it
            without a processor. Up to `computed` of that the callback itself had the lock, the rest
            of the time it could not have it.
        collected: Time of garbage collections in its thread.
    """
    unexplained = wall - delayed - max(excused - computed, 0.0)
    return max(computed, unexplained) - collected


class _Running:
    """One callback while it runs, and its measures when it has ended. Times are seconds."""

    __slots__ = (
        "collected",
        "collecting_since",
        "computed",
        "computed_before",
        "delay",
        "delayed",
        "delayed_before",
        "excused",
        "handle",
        "ident",
        "samples",
        "stack",
        "started",
        "turns",
        "wall",
    )

    def __init__(self, ident: int, handle: asyncio.Handle, delay: RunDelay) -> None:
        self.ident = ident
        self.handle = handle
        self.delay = delay
        self.wall = self.computed = self.delayed = 0.0
        self.excused = self.collected = self.collecting_since = 0.0
        self.samples = 0
        self.stack = traceback.StackSummary()
        self.delayed_before = delay.read()
        self.computed_before = time.thread_time()
        self.turns = delay.turns()
        self.started = time.perf_counter()

    def excuse(self, late: float) -> None:
        """Note that the watchdog was late, if this callback can have waited for the same lock.

        Whoever waits for the interpreter lock looks every few milliseconds whether it is free, and
        so is given a processor. A thread that was given none waited for something else.
        """
        turns = self.delay.turns()
        if turns != self.turns or not turns:
            self.excused += late
        self.turns = turns


def _inside_callback(stack: traceback.StackSummary) -> traceback.StackSummary:
    """The stack without what is around every callback: the runner, the loop and this guard."""
    for index in range(len(stack) - 1, -1, -1):
        if stack[index].filename == __file__ and stack[index].name == _RUN:
            return traceback.StackSummary.from_list(stack[index + 2 :])  # and asyncio's own `_run`
    return stack


def _name_of(handle: asyncio.Handle) -> str:
    """What a handle runs: the coroutine of a task, or a callback."""
    callback = getattr(handle, "_callback", None)
    task = getattr(callback, "__self__", None)
    if isinstance(task, asyncio.Task):
        coroutine = task.get_coro()
        return f"{getattr(coroutine, '__qualname__', coroutine)} (task {task.get_name()})"
    return f"{getattr(callback, '__qualname__', callback)} (callback)"
