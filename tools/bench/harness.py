"""Measures candidates side by side: interleaved rounds, medians, ratios. Never a time on its own.

The machine is shared and noisy: a candidate that ran in a quiet minute would beat one that ran in a
busy one. So every round runs all candidates, in turn, and the median round counts.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

Work = Callable[[int], None]
"""Does the work `n` times."""

ROUNDS = 30
_ROUND_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A comparison.

    Attributes:
        name: What is compared.
        subject: Our candidate.
        reference: The named alternative that does the same work.
        against: What the alternative is.
        must: The bound of the ratio: at least (`faster`) or at most (otherwise).
        faster: Whether the ratio says how many times faster than the reference the subject is;
            otherwise how many times its cost the subject costs.
    """

    name: str
    subject: Work
    reference: Work
    against: str
    must: float
    faster: bool = True


@dataclass(frozen=True, slots=True)
class Result:
    """What came out.

    Attributes:
        benchmark: The comparison.
        ratio: As `Benchmark.faster` says.
        subject_us: Median microseconds of one call of the subject, for the curious.
        reference_us: The same of the reference.
    """

    benchmark: Benchmark
    ratio: float
    subject_us: float
    reference_us: float

    @property
    def holds(self) -> bool:
        """Whether the bound is kept."""
        if self.benchmark.faster:
            return self.ratio >= self.benchmark.must
        return self.ratio <= self.benchmark.must


def measure(benchmark: Benchmark, *, rounds: int = ROUNDS) -> Result:
    """Run one comparison, without the garbage collector in it."""
    gc.collect()
    gc.disable()
    try:
        return _measured(benchmark, rounds)
    finally:
        gc.enable()


def _measured(benchmark: Benchmark, rounds: int) -> Result:
    candidates = (benchmark.subject, benchmark.reference)
    counts = [_calibrate(work) for work in candidates]
    costs: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds):
        order = (0, 1) if number % 2 else (1, 0)
        for index in order:
            costs[index].append(_time(candidates[index], counts[index]))
    subject, reference = (statistics.median(each) for each in costs)
    ratio = statistics.median(
        (theirs / ours if benchmark.faster else ours / theirs)
        for ours, theirs in zip(*costs, strict=True)
    )
    return Result(benchmark, ratio, subject * 1e6, reference * 1e6)


def _calibrate(work: Work) -> int:
    """How many calls make a round of about 20 ms."""
    work(1)
    count = 1
    while True:
        cost = _time(work, count) * count
        if cost >= _ROUND_SECONDS / 4:
            return max(1, round(count * _ROUND_SECONDS / cost))
        count *= 4


def _time(work: Work, count: int) -> float:
    started = time.perf_counter()
    work(count)
    return (time.perf_counter() - started) / count
