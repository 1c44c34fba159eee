from __future__ import annotations

import time
from pathlib import Path

import pytest

from tools.bench.__main__ import main
from tools.bench.asgi import close
from tools.bench.harness import Benchmark, Result, measure
from tools.bench.http_suite import benchmarks
from tools.bench.report import chart, table


def spin(loops: int) -> object:
    def work(count: int) -> None:
        for _ in range(count * loops):
            time.perf_counter()

    return work


def made(*, must: float, ratio: float, faster: bool = True) -> Result:
    benchmark = Benchmark("ours", lambda n: None, lambda n: None, "theirs", must, faster)
    return Result(benchmark, ratio, 1.0, 2.0)


def test_more_work_takes_longer() -> None:
    faster = Benchmark("a", spin(10), spin(1000), "ten times more", 1.0)  # type: ignore[arg-type]
    cheaper = Benchmark("b", spin(10), spin(1000), "more", 1.0, faster=False)  # type: ignore[arg-type]
    assert measure(faster, rounds=3).ratio > 1
    assert measure(cheaper, rounds=3).ratio < 1


@pytest.mark.parametrize(
    ("faster", "ratio", "holds"),
    [(True, 3.0, True), (True, 1.0, False), (False, 1.0, True), (False, 3.0, False)],
)
def test_a_bound_is_a_floor_or_a_ceiling(faster: bool, ratio: float, holds: bool) -> None:
    result = made(must=2.0, ratio=ratio, faster=faster)
    assert result.holds is holds
    assert ("MISSED" in table([result])) is not holds


def test_a_chart_is_a_picture(tmp_path: Path) -> None:
    written = chart([made(must=2.0, ratio=3.0), made(must=2.0, ratio=1.0)], tmp_path / "b.png")
    assert written.read_bytes().startswith(b"\x89PNG")


def test_every_comparison_does_its_work() -> None:
    for benchmark in benchmarks():
        benchmark.subject(1)
        benchmark.reference(1)
        assert benchmark.against
    close()


def test_an_unknown_name_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--only", "nothing like it"]) == 2
    close()
    assert "no comparison is named" in capsys.readouterr().err
