from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mic.testing._fault_rules import CutAfter, CutAt, Verdict


def _through(rule: CutAfter | CutAt, chunks: list[bytes]) -> tuple[bytes, bool]:
    passed = b""
    for chunk in chunks:
        verdict = rule.judge(chunk)
        passed += verdict.passed
        if verdict.cut:
            return passed, True
    return passed, False


_CHUNKS = st.lists(st.binary(min_size=1, max_size=5), max_size=8)


@given(chunks=_CHUNKS, count=st.integers(0, 40))
def test_exactly_the_counted_bytes_pass(chunks: list[bytes], count: int) -> None:
    whole = b"".join(chunks)
    cut = bool(chunks) and len(whole) >= count
    assert _through(CutAfter(count), chunks) == (whole[:count] if cut else whole, cut)


@given(
    chunks=st.lists(st.text("ab", min_size=1, max_size=4).map(str.encode), max_size=8),
    marker=st.text("ab", min_size=1, max_size=4).map(str.encode),
)
def test_a_marker_is_found_wherever_chunks_end(chunks: list[bytes], marker: bytes) -> None:
    whole = b"".join(chunks)
    at = whole.find(marker)
    passed, cut = _through(CutAt(marker, deliver=True), chunks)
    assert cut == (at >= 0)
    assert whole.startswith(passed)
    assert len(passed) >= (at + len(marker) if cut else len(whole))
    passed, cut = _through(CutAt(marker, deliver=False), chunks)
    assert cut == (at >= 0)
    # what had gone on before the marker was known for one cannot be called back
    assert not cut or at <= len(passed) < at + len(marker)
    assert whole.startswith(passed)


def test_an_undelivered_marker_of_one_chunk_does_not_arrive() -> None:
    assert CutAt(b"COMMIT", deliver=False).judge(b"xCOMMITy") == Verdict(b"x", cut=True)
