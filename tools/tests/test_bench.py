from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.bench import cache_suite, isolation_suite
from tools.bench.__main__ import comparisons, main
from tools.bench.asgi import close
from tools.bench.harness import Benchmark, Comparison, Limit, Result, Share, measure, quickest
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


def test_a_share_is_what_is_added() -> None:
    share = Share("a", spin(30), spin(10), spin(200), "all", 0.5)  # type: ignore[arg-type]
    result = share.run(rounds=3)
    assert 0 < result.ratio < 1
    assert result.subject_us < result.reference_us
    assert not Share("a", spin(300), spin(10), spin(20), "it", 0.5).run(rounds=3).holds  # type: ignore[arg-type]


@pytest.mark.parametrize(("took", "holds"), [(0.5, True), (2.0, False)])
def test_a_limit_is_a_time(took: float, holds: bool) -> None:
    result = Limit("a", lambda rounds: took, 1.0, "the bound").run(rounds=1)
    assert (result.holds, result.ratio) == (holds, took)


def test_the_quickest_round_counts() -> None:
    assert quickest(spin(10))(3) < quickest(spin(1000))(3)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def every() -> Iterator[list[Comparison]]:
    yield comparisons()
    close()
    cache_suite.close()
    isolation_suite.close()


def test_every_comparison_does_its_work(every: list[Comparison]) -> None:
    results = [each.run(rounds=1) for each in every]
    assert [each.benchmark.name for each in results] == [each.name for each in every]
    assert all(each.reference_us > 0 and each.benchmark.against for each in results)
    assert table(results).count("\n    against ") == len(every)


def test_an_unknown_name_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--only", "nothing like it"]) == 2
    close()
    assert "no comparison is named" in capsys.readouterr().err
