"""Measures candidates side by side: interleaved rounds, medians, ratios.

The machine is shared and noisy: a candidate that ran in a quiet minute would beat one that ran in a
busy one. So every round runs all candidates, in turn, and the median round counts. A bound that is
a time (`Limit`) is compared with the quickest of many rounds, and means something on a quiet
machine only.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

Work = Callable[[int], None]
"""Does the work `n` times."""

ROUNDS = 30
_ROUND_SECONDS = 0.02


class Comparison(Protocol):
    """Anything that can be measured and has a name."""

    @property
    def name(self) -> str:
        """What is compared."""

    def run(self, *, rounds: int) -> Result:
        """Measure."""


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

    def run(self, *, rounds: int) -> Result:
        """Measure."""
        return measure(self, rounds=rounds)


@dataclass(frozen=True, slots=True)
class Share:
    """What the subject adds to the base, as a share of what the reference costs.

    Attributes:
        name: What is compared.
        subject: The base with what is measured around it.
        base: The base alone.
        reference: What the whole is set in proportion to.
        against: What the reference is.
        must: The largest share.
    """

    name: str
    subject: Work
    base: Work
    reference: Work
    against: str
    must: float

    def run(self, *, rounds: int) -> Result:
        """Measure; the result shows the added time and that of the reference."""
        costs = side_by_side((self.subject, self.base, self.reference), rounds)
        ratio = statistics.median(
            (subject - base) / reference for subject, base, reference in zip(*costs, strict=True)
        )
        subject, base, reference = (statistics.median(each) for each in costs)
        shown = Benchmark(
            self.name, self.subject, self.reference, self.against, self.must, faster=False
        )
        return Result(shown, ratio, (subject - base) * 1e6, reference * 1e6)


@dataclass(frozen=True, slots=True)
class Limit:
    """A time that must not be passed.

    Attributes:
        name: What is measured.
        best: Gives the seconds that it took at its quickest.
        must_seconds: The bound.
        of: What is measured in words.
    """

    name: str
    best: Callable[[int], float]
    must_seconds: float
    of: str

    def run(self, *, rounds: int) -> Result:
        """Measure; the ratio is the share of the bound that was used."""
        took = self.best(rounds)
        shown = Benchmark(self.name, nothing, nothing, self.of, 1.0, faster=False)
        return Result(shown, took / self.must_seconds, took * 1e6, self.must_seconds * 1e6)


def nothing(count: int) -> None:
    """What was measured otherwise cannot be run again."""


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
    costs = side_by_side((benchmark.subject, benchmark.reference), rounds)
    subject, reference = (statistics.median(each) for each in costs)
    ratio = statistics.median(
        (theirs / ours if benchmark.faster else ours / theirs)
        for ours, theirs in zip(*costs, strict=True)
    )
    return Result(benchmark, ratio, subject * 1e6, reference * 1e6)


def side_by_side(candidates: Sequence[Work], rounds: int) -> list[list[float]]:
    """The seconds of one call of each candidate in each round, in an order that changes."""
    gc.collect()
    gc.disable()
    try:
        counts = [_calibrate(work) for work in candidates]
        costs: list[list[float]] = [[] for _ in candidates]
        for number in range(rounds):
            order = range(len(candidates))
            for index in order if number % 2 else reversed(order):
                costs[index].append(_time(candidates[index], counts[index]))
        return costs
    finally:
        gc.enable()


def quickest(work: Work) -> Callable[[int], float]:
    """Give what measures the seconds of one call of a work in its quickest round."""

    def best(rounds: int) -> float:
        return min(side_by_side([work], rounds)[0])

    return best


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
