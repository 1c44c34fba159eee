import io

import pytest

from mic.http._threads import WorkerPool
from mic.http.params import Body, Cookie, File, Form, Header, Path, Query, UploadedFile


@pytest.mark.parametrize("marker", [Path, Query, Header, Cookie, Body, Form, File])
def test_markers_take_keywords_only_and_know_their_source(marker: type[Query]) -> None:
    made = marker(alias="a", description="d", deprecated=True)
    assert (made.alias, made.description, made.deprecated) == ("a", "d", True)
    assert made.source == marker.__name__.lower()
    with pytest.raises(TypeError, match="positional argument"):
        marker("a")  # type: ignore[call-arg]


@pytest.mark.parametrize("workers", [None, WorkerPool(limit=1, queue_limit=1)])
async def test_an_upload_is_read_with_and_without_threads(workers: WorkerPool | None) -> None:
    upload = UploadedFile(
        filename="a", content_type="text/plain", size=3, file=io.BytesIO(b"abc"), workers=workers
    )
    assert await upload.read(2) == b"ab"
    assert await upload.read() == b"c"
    assert repr(upload) == "UploadedFile(size=3)"
