import asyncio
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mic.http._files import CHUNK_BYTES, FileBody, send_file
from mic.http._threads import OverloadedError, WorkerPool
from mic.http.responses import HttpResponseSpec
from mic.model import NotFoundError, PreconditionFailedError, RangeNotSatisfiableError

Headers = list[tuple[bytes, bytes]]


class Exchange:
    """One request for a file, and what was sent."""

    def __init__(self, *, pathsend: bool = False) -> None:
        self.sent: list[dict[str, Any]] = []
        self.workers = WorkerPool(limit=2, queue_limit=10)
        self.extensions: dict[str, Any] | None = (
            {"http.response.pathsend": {}} if pathsend else None
        )
        self.on_send: Callable[[dict[str, Any]], None] = lambda message: None

    async def run(
        self,
        spec: HttpResponseSpec,
        asked: dict[str, str] | Headers | None = None,
        *,
        method: str = "GET",
        base_headers: Headers | None = None,
    ) -> int:
        async def send(message: Any) -> None:
            self.sent.append(message)
            self.on_send(message)

        pairs = (
            [(name.encode(), value.encode()) for name, value in asked.items()]
            if isinstance(asked, dict)
            else asked or []
        )
        scope: dict[str, Any] = {"type": "http", "method": method, "headers": pairs}
        if self.extensions is not None:
            scope["extensions"] = self.extensions
        assert isinstance(spec.stream, FileBody)
        return await send_file(
            spec,
            spec.stream,
            scope,
            send,
            workers=self.workers,
            base_headers=base_headers or [],
            head=method == "HEAD",
        )

    @property
    def headers(self) -> dict[str, str]:
        return {name.decode(): value.decode("latin-1") for name, value in self.sent[0]["headers"]}

    @property
    def names(self) -> list[str]:
        return [name.decode() for name, _ in self.sent[0]["headers"]]

    @property
    def body(self) -> bytes:
        assert [message.get("more_body", False) for message in self.sent[1:]] == [
            *[True] * (len(self.sent) - 2),
            False,
        ]
        return b"".join(message["body"] for message in self.sent[1:])


@pytest.fixture
def exchange() -> Exchange:
    return Exchange()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path.resolve() / "a.txt"
    path.write_bytes(b"0123456789")
    os.utime(path, ns=(0, 784111777_000000000))
    return path


def descriptors() -> int:
    return sum(1 for _ in Path("/dev/fd").iterdir())


def is_open(path: Path) -> bool:
    """Whether this process has the file open; others of its files may come and go."""
    for each in Path("/dev/fd").iterdir():
        with suppress(OSError):
            if os.path.samestat(os.fstat(int(each.name)), path.stat()):
                return True
    return False


class TestFileBody:
    def test_is_inert_data(self) -> None:
        assert FileBody("absent") == FileBody("absent", None, None, "attachment")

    def test_refuses_another_disposition(self) -> None:
        with pytest.raises(ValueError, match="disposition must be"):
            HttpResponseSpec.file("a", disposition="x")  # type: ignore[arg-type]  # what is tested

    @pytest.mark.parametrize(
        ("body", "name"),
        [
            (FileBody("/x/a.txt"), "a.txt"),
            (FileBody("/x/a.txt", filename="b"), "b"),
            (FileBody("/x/a.txt", filename=""), "a.txt"),
            (FileBody(Path("a.txt")), "a.txt"),
        ],
    )
    def test_name(self, body: FileBody, name: str) -> None:
        assert body.name == name

    def test_can_be_iterated(self, tmp_path: Path) -> None:
        content = bytes(range(256)) * 600
        (tmp_path / "a").write_bytes(content)
        before = descriptors()
        chunks = list(FileBody("a", root=tmp_path))
        assert [len(chunk) for chunk in chunks] == [CHUNK_BYTES, CHUNK_BYTES, 22_528]
        assert b"".join(chunks) == content
        assert descriptors() == before

    def test_iterating_an_absent_file(self, tmp_path: Path) -> None:
        with pytest.raises(NotFoundError, match="no such file"):
            list(FileBody(tmp_path / "absent"))


class TestAnswer:
    async def test_whole(self, exchange: Exchange, path: Path) -> None:
        status = await exchange.run(
            HttpResponseSpec.file(path), base_headers=[(b"x-own", b"1"), (b"set-cookie", b"a=1")]
        )
        assert status == exchange.sent[0]["status"] == 200
        assert exchange.sent[0]["headers"] == [
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", b"10"),
            (b"etag", b'"a-ae1b981bc490a00"'),
            (b"last-modified", b"Sun, 06 Nov 1994 08:49:37 GMT"),
            (b"accept-ranges", b"bytes"),
            (b"content-disposition", b'attachment; filename="a.txt"'),
            (b"x-own", b"1"),
            (b"set-cookie", b"a=1"),
        ]
        assert exchange.body == b"0123456789"

    async def test_large_in_chunks(self, exchange: Exchange, tmp_path: Path) -> None:
        content = os.urandom(150_000)
        (tmp_path / "a").write_bytes(content)
        await exchange.run(HttpResponseSpec.file(tmp_path / "a"))
        assert [len(message["body"]) for message in exchange.sent[1:]] == [
            CHUNK_BYTES,
            CHUNK_BYTES,
            18_928,
        ]
        assert exchange.body == content

    async def test_empty(self, exchange: Exchange, tmp_path: Path) -> None:
        (tmp_path / "a").write_bytes(b"")
        assert await exchange.run(HttpResponseSpec.file(tmp_path / "a")) == 200
        assert exchange.headers["content-length"] == "0"
        assert exchange.body == b""

    async def test_head(self, exchange: Exchange, path: Path) -> None:
        assert await exchange.run(HttpResponseSpec.file(path), method="HEAD") == 200
        assert exchange.headers["content-length"] == "10"
        assert exchange.body == b""

    async def test_a_given_type_name_and_disposition(self, exchange: Exchange, path: Path) -> None:
        spec = HttpResponseSpec.file(
            path, media_type="text/csv", filename="b.csv", disposition="inline"
        )
        await exchange.run(spec)
        assert exchange.headers["content-type"] == "text/csv; charset=utf-8"
        assert exchange.headers["content-disposition"] == 'inline; filename="b.csv"'

    async def test_the_type_follows_the_offered_name(self, exchange: Exchange, path: Path) -> None:
        await exchange.run(HttpResponseSpec.file(path, filename="b.pdf"))
        assert exchange.headers["content-type"] == "application/pdf"

    async def test_part(self, exchange: Exchange, path: Path) -> None:
        assert await exchange.run(HttpResponseSpec.file(path), {"range": "bytes=2-4"}) == 206
        assert exchange.names[:3] == ["content-type", "content-length", "content-range"]
        assert exchange.headers["content-length"] == "3"
        assert exchange.headers["content-range"] == "bytes 2-4/10"
        assert exchange.body == b"234"

    async def test_not_modified(self, exchange: Exchange, path: Path) -> None:
        asked = {"if-modified-since": "Sun, 06 Nov 1994 08:49:37 GMT"}
        base: Headers = [(b"cache-control", b"no-cache"), (b"content-length", b"7")]
        assert await exchange.run(HttpResponseSpec.file(path), asked, base_headers=base) == 304
        assert exchange.names == ["etag", "last-modified", "cache-control"]
        assert exchange.body == b""

    async def test_several_lines_of_one_name_are_one_list(
        self, exchange: Exchange, path: Path
    ) -> None:
        asked: Headers = [
            (b"if-none-match", b'"x"'),
            (b"accept", b"*/*"),
            (b"if-none-match", b'"a-ae1b981bc490a00"'),
        ]
        assert await exchange.run(HttpResponseSpec.file(path), asked) == 304

    async def test_own_headers_win_and_framing_stays_ours(
        self, exchange: Exchange, path: Path
    ) -> None:
        base: Headers = [
            (b"etag", b'"own"'),
            (b"content-disposition", b"inline"),
            (b"content-length", b"99"),
            (b"content-range", b"x"),
            (b"transfer-encoding", b"chunked"),
        ]
        await exchange.run(HttpResponseSpec.file(path), base_headers=base)
        assert sorted(exchange.names) == sorted(set(exchange.names))
        assert exchange.headers["etag"] == '"own"'
        assert exchange.headers["content-disposition"] == "inline"
        assert exchange.headers["content-length"] == "10"
        assert not {"content-range", "transfer-encoding"} & set(exchange.names)

    async def test_an_own_tag_is_the_one_compared(self, exchange: Exchange, path: Path) -> None:
        status = await exchange.run(
            HttpResponseSpec.file(path),
            {"if-none-match": '"own"'},
            base_headers=[(b"etag", b'"own"')],
        )
        assert status == 304

    async def test_another_status_is_sent_whole(self, exchange: Exchange, path: Path) -> None:
        spec = HttpResponseSpec(404, None, "text/html", stream=FileBody(path))
        status = await exchange.run(spec, {"range": "bytes=2-4", "if-none-match": "*"})
        assert status == exchange.sent[0]["status"] == 404
        assert exchange.body == b"0123456789"

    @settings(
        max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
    )
    @given(
        size=st.sampled_from([0, 1, 1_000, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 200_000]),
        first=st.integers(0, 200_001),
        last=st.none() | st.integers(0, 200_001),
    )
    def test_whatever_range_is_asked_the_bytes_fit_the_headers(
        self, tmp_path: Path, size: int, first: int, last: int | None
    ) -> None:
        content = (bytes(range(251)) * 797)[:size]
        (tmp_path / "a").write_bytes(content)
        exchange = Exchange()
        asked = {"range": f"bytes={first}-{'' if last is None else last}"}
        try:
            status = asyncio.run(exchange.run(HttpResponseSpec.file(tmp_path / "a"), asked))
        except RangeNotSatisfiableError:
            assert first >= size
            return
        assert int(exchange.headers["content-length"]) == len(exchange.body)
        end = size if last is None else last + 1
        assert exchange.body == (content[first:end] if status == 206 else content)


class TestRefusal:
    @pytest.mark.parametrize("path", ["absent", ".", "../a.txt"])
    async def test_no_file(self, exchange: Exchange, path: str, tmp_path: Path) -> None:
        (tmp_path / "a.txt").write_bytes(b"")
        (tmp_path / "root").mkdir()
        before = descriptors()
        with pytest.raises(NotFoundError, match="no such file") as caught:
            await exchange.run(HttpResponseSpec.file(path, root=tmp_path / "root"))
        assert caught.value.code == "http.file_not_found"
        assert str(tmp_path) not in str(caught.value.to_problem())
        assert exchange.sent == []
        assert descriptors() == before

    async def test_precondition(self, exchange: Exchange, path: Path) -> None:
        before = descriptors()
        with pytest.raises(PreconditionFailedError, match="precondition"):
            await exchange.run(HttpResponseSpec.file(path), {"if-match": '"x"'})
        assert exchange.sent == []
        assert descriptors() == before

    async def test_range(self, exchange: Exchange, path: Path) -> None:
        with pytest.raises(RangeNotSatisfiableError, match="past the end"):
            await exchange.run(HttpResponseSpec.file(path), {"range": "bytes=10-"})
        assert exchange.sent == []


class TestPathsend:
    async def test_whole(self, path: Path) -> None:
        exchange = Exchange(pathsend=True)
        before = descriptors()
        await exchange.run(HttpResponseSpec.file(path.name, root=path.parent))
        assert exchange.headers["content-length"] == "10"
        assert exchange.sent[1:] == [{"type": "http.response.pathsend", "path": str(path)}]
        assert descriptors() == before

    @pytest.mark.parametrize(
        ("method", "asked", "body"),
        [
            ("HEAD", {}, b""),
            ("GET", {"range": "bytes=2-4"}, b"234"),
            ("GET", {"if-none-match": "*"}, b""),
        ],
    )
    async def test_nothing_else(
        self, path: Path, method: str, asked: dict[str, str], body: bytes
    ) -> None:
        exchange = Exchange(pathsend=True)
        await exchange.run(HttpResponseSpec.file(path), asked, method=method)
        assert exchange.body == body


class TestFailure:
    async def test_a_file_that_shrinks_aborts(self, exchange: Exchange, tmp_path: Path) -> None:
        path = tmp_path / "a"
        path.write_bytes(bytes(100_000))

        def shrink(message: dict[str, Any]) -> None:
            os.truncate(path, CHUNK_BYTES)

        exchange.on_send = shrink
        before = descriptors()
        with pytest.raises(EOFError, match="became shorter"):
            await exchange.run(HttpResponseSpec.file(path))
        assert exchange.sent[-1]["more_body"] is True
        assert descriptors() == before

    async def test_a_file_that_grows_is_sent_as_declared(
        self, exchange: Exchange, path: Path
    ) -> None:
        def grow(message: dict[str, Any]) -> None:
            path.write_bytes(b"0123456789 and more")

        exchange.on_send = grow
        await exchange.run(HttpResponseSpec.file(path))
        assert exchange.body == b"0123456789"

    async def test_a_client_that_left(self, exchange: Exchange, path: Path) -> None:
        def gone(message: dict[str, Any]) -> None:
            raise OSError("client disconnected")

        exchange.on_send = gone
        before = descriptors()
        with pytest.raises(OSError, match="client disconnected"):
            await exchange.run(HttpResponseSpec.file(path))
        assert descriptors() == before

    async def test_no_thread_is_free(self, path: Path) -> None:
        exchange = Exchange()
        exchange.workers = WorkerPool(limit=1, queue_limit=0)
        release = threading.Event()
        busy = asyncio.create_task(exchange.workers.run(release.wait, 10))
        await asyncio.sleep(0)
        with pytest.raises(OverloadedError, match="overloaded"):
            await exchange.run(HttpResponseSpec.file(path))
        release.set()
        assert await busy
        assert exchange.sent == []

    @pytest.mark.parametrize("at", ["open", "read"])
    async def test_cancelled_while_a_thread_works(
        self, at: str, exchange: Exchange, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        begun, go_on, over = threading.Event(), threading.Event(), threading.Event()
        really = getattr(os, at)

        def slow(*args: Any, **kwargs: Any) -> Any:
            begun.set()
            assert go_on.wait(10)
            try:
                return really(*args, **kwargs)
            finally:
                over.set()

        monkeypatch.setattr(os, at, slow)
        task = asyncio.create_task(exchange.run(HttpResponseSpec.file(path)))
        assert await asyncio.to_thread(begun.wait, 10)
        task.cancel("client left")
        with pytest.raises(asyncio.CancelledError, match="client left"):
            await task
        go_on.set()
        assert await asyncio.to_thread(over.wait, 10)
        deadline = asyncio.get_running_loop().time() + 10
        while is_open(path) and asyncio.get_running_loop().time() < deadline:
            await asyncio.to_thread(begun.wait)
        assert not is_open(path)
