import io
import os
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mic.http._multipart import (
    MAX_PART_HEADER_BYTES,
    FormData,
    MultipartRules,
    multipart_library,
    read_multipart,
)
from mic.http._threads import WorkerPool
from mic.model import ConfigurationError, DomainError, PayloadTooLargeError

WORKERS = WorkerPool(limit=2, queue_limit=100)
Part = tuple[str, bytes]


def encoded(*parts: Part, boundary: bytes = b"B", end: bytes = b"--\r\n") -> bytes:
    """Encode parts: the parameters of the disposition (more headers after CRLF), the content."""
    body = b"".join(
        b"--"
        + boundary
        + b"\r\nContent-Disposition: form-data; "
        + head.encode()
        + b"\r\n\r\n"
        + content
        + b"\r\n"
        for head, content in parts
    )
    return body + b"--" + boundary + end


def rules(**changes: Any) -> MultipartRules:
    values: dict[str, Any] = {
        "workers": WORKERS,
        "files": {"file": None, "small": 10},
        "max_parts": 20,
        "max_text_bytes": 1_000,
        "too_large": PayloadTooLargeError(message="too large for this test"),
    }
    return MultipartRules(**(values | changes))


async def read(body: bytes, *, size: int = 65_536, boundary: str = "B", **changes: Any) -> FormData:
    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(body), size):
            yield body[start : start + size]

    return await read_multipart(chunks(), boundary, rules=rules(**changes))


def descriptors() -> int:
    return sum(1 for _ in Path("/dev/fd").iterdir())


class TestForm:
    @pytest.mark.parametrize("size", [1, 7, 65_536])
    async def test_texts_and_files_in_order(self, size: int) -> None:
        body = encoded(
            ('name="a"', b"1"),
            ('name="file"; filename="x.bin"\r\nContent-Type: Image/PNG; q=1', b"\0\r\n--\xff"),
            ('name="a"', "ü".encode()),
            ('name="file"; filename="y"', b""),
            ('name="empty"', b""),
        )
        form = await read(body, size=size)
        assert form.fields == [("a", "1"), ("a", "ü"), ("empty", "")]
        assert [(name, f.filename, f.content_type, f.size) for name, f in form.files] == [
            ("file", "x.bin", "Image/PNG; q=1", 6),
            ("file", "y", None, 0),
        ]
        assert await form.files[0][1].read() == b"\0\r\n--\xff"
        await form.close()

    async def test_bytes_that_are_no_utf_8_are_replaced(self) -> None:
        assert (await read(encoded(('name="a"', b"\xff")))).fields == [("a", "\ufffd")]

    async def test_a_file_without_a_name(self) -> None:
        form = await read(encoded(('name="file"', b"content")))
        assert form.fields == []
        assert form.files[0][1].filename is None
        assert await form.files[0][1].read() == b"content"
        await form.close()

    async def test_no_file_chosen(self) -> None:
        head = 'name="file"; filename=""\r\nContent-Type: application/octet-stream'
        form = await read(encoded((head, b"")))
        assert form == FormData(WORKERS)

    async def test_a_file_nobody_asked_for_is_held_nowhere(self) -> None:
        before = descriptors()
        form = await read(
            encoded(('name="other"; filename="x"', bytes(3_000_000)), ('name="a"', b"1"))
        )
        assert form == FormData(WORKERS, [("a", "1")])
        assert descriptors() == before

    async def test_what_stands_around_the_form_is_ignored(self) -> None:
        form = await read(b"preamble\r\n" + encoded(('name="a"', b"1")) + b"epilogue", size=9)
        assert form.fields == [("a", "1")]

    async def test_a_form_without_parts(self) -> None:
        assert await read(b"--B--\r\n") == FormData(WORKERS)

    async def test_closing_removes_temporary_files(self) -> None:
        before = descriptors()
        form = await read(
            encoded(('name="file"; filename="x"', bytes(2_000_000)), ('name="file"', b"small"))
        )
        assert descriptors() == before + 1
        await form.close()
        await form.close()
        assert descriptors() == before
        assert all(file.file.closed for _, file in form.files)

    async def test_only_files_on_disk_need_a_thread_to_close(self) -> None:
        class Remembers(io.BufferedRandom):
            closed_in: int | None = None

            def close(self) -> None:
                self.closed_in = self.closed_in or threading.get_ident()
                super().close()

        form = await read(encoded(('name="file"; filename="x"', b"small")))
        full = WorkerPool(limit=1, queue_limit=0)
        await FormData(full, form.fields, form.files).close()
        assert full._executor is None
        on_disk = Remembers(io.FileIO(os.devnull, "r+"))
        form.files[0][1].file = on_disk
        await form.close()
        assert on_disk.closed_in not in (None, threading.get_ident())

    async def test_closing_needs_no_free_thread(self) -> None:
        before = descriptors()
        form = await read(encoded(('name="file"; filename="x"', bytes(2_000_000))))
        full = WorkerPool(limit=1, queue_limit=0)
        full._taken = 1
        await FormData(full, form.fields, form.files).close()
        assert descriptors() == before


class TestLimits:
    @pytest.mark.parametrize(
        "body",
        [
            encoded(*[('name="a"', b"")] * 21),
            encoded(*[('name="other"; filename="x"', b"")] * 21),
            encoded(('name="a"', bytes(1_000))),
            encoded(('name="a"', bytes(500)), ('name="b"', bytes(500))),
            encoded(("name=" + "n" * 1_001, b"")),
            encoded(('name="small"; filename="x"', bytes(11))),
            encoded(('name="a"\r\nX-Long: ' + "x" * MAX_PART_HEADER_BYTES, b"")),
            encoded(('name="a"' + "\r\nX-Many: 1" * 8, b"")),
            b"--B\r\nX-Endless: " + b"x" * 100_000,
        ],
    )
    @pytest.mark.parametrize("size", [100, 65_536])
    async def test_passed(self, body: bytes, size: int) -> None:
        with pytest.raises(PayloadTooLargeError, match="too large for this test"):
            await read(body, size=size)

    @pytest.mark.parametrize(
        "body",
        [
            encoded(*[('name="a"', b"")] * 20),
            encoded(('name="a"', bytes(999))),
            encoded(('name="small"; filename="x"', bytes(10))),
            encoded(('name="a"' + "\r\nX-Many: 1" * 7, b"")),
            encoded(('name="file"; filename="x"', bytes(5_000))),
        ],
    )
    async def test_just_met(self, body: bytes) -> None:
        form = await read(body)
        assert form.fields or form.files
        await form.close()

    async def test_nothing_stays_open(self) -> None:
        before = descriptors()
        complete = ('name="file"; filename="x"', bytes(2_000_000))
        with pytest.raises(PayloadTooLargeError, match="too large for this test"):
            await read(encoded(complete, ('name="a"', bytes(2_000))))
        assert descriptors() == before
        with pytest.raises(PayloadTooLargeError, match="too large for this test"):
            await read(encoded(complete), files={"file": 1_900_000})
        assert descriptors() == before
        with pytest.raises(DomainError, match="malformed"):
            await read(encoded(complete)[:-50])
        assert descriptors() == before


class TestMalformed:
    @pytest.mark.parametrize(
        ("body", "boundary"),
        [
            (b"", "B"),
            (b"no boundary at all", "B"),
            (b"--B\r\nContent-Disposition: form-data; name=a\r\n\r\nunfinished", "B"),
            (b"--Bx\r\n", "B"),
            (b"x--B\r\n", "B"),
            (b"--B\nContent-Disposition: form-data; name=a\n\n1\n--B--", "B"),
            (b"--B\r\n\r\n1\r\n--B--", "B"),
            (b"--B\r\nContent-Disposition: attachment; name=a\r\n\r\n1\r\n--B--", "B"),
            (b"--B\r\nno colon\r\n\r\n1\r\n--B--", "B"),
            (b"--B\r\n\xff: 1\r\n\r\n1\r\n--B--", "B"),
            (encoded(("x=1", b"1")), "B"),
            (encoded(('name=""', b"1")), "B"),
            (encoded(('name="a"\r\nContent-Length: 5', b"1")), "B"),
            (encoded(('name="a"', b"1")), ""),
            (encoded(('name="a"', b"1")), "\n"),
        ],
    )
    async def test_refused(self, body: bytes, boundary: str) -> None:
        with pytest.raises(DomainError, match="the form is malformed") as caught:
            await read(body, boundary=boundary)
        assert caught.value.code == "http.malformed_form"
        assert caught.value.http_status_code == 400

    @settings(max_examples=300, deadline=None)
    @given(
        pieces=st.lists(
            st.sampled_from(
                [
                    b"--B",
                    b"\r\n",
                    b"--",
                    b"\r",
                    b"\n",
                    b"B",
                    b"Content-Disposition: form-data; name=a",
                    b'; filename="',
                    b'"',
                    b"Content-Disposition: form-data; name=file",
                    b"Content-Length: 1",
                    b"Content-Type: text/plain",
                    b"\xff",
                    b"\0",
                    b" ",
                    b":",
                    b"=?utf-8?q?x?=",
                ]
            )
            | st.binary(max_size=4),
            max_size=30,
        ),
        size=st.integers(1, 50),
    )
    async def test_no_body_breaks_it(self, pieces: list[bytes], size: int) -> None:
        before = descriptors()
        with suppress(DomainError):
            await (await read(b"".join(pieces), size=size)).close()
        assert descriptors() == before

    @settings(max_examples=100, deadline=None)
    @given(texts=st.lists(st.binary(max_size=20), max_size=5), size=st.integers(1, 200))
    async def test_however_it_is_cut_the_form_is_the_same(
        self, texts: list[bytes], size: int
    ) -> None:
        boundary = "a-boundary-that-no-text-of-this-size-holds"
        body = encoded(
            *[(f'name="file"; filename="{n}"', text) for n, text in enumerate(texts)],
            boundary=boundary.encode(),
        )
        form = await read(body, size=size, boundary=boundary)
        assert [await file.read() for _, file in form.files] == texts
        await form.close()


class TestLibrary:
    def test_is_found(self) -> None:
        assert multipart_library("x").PushMultipartParser

    def test_absent(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "multipart", None)
        with pytest.raises(
            ConfigurationError, match=r"^route 'x' needs .*mic-core\[forms\]"
        ) as caught:
            multipart_library("route 'x'")
        assert isinstance(caught.value.__cause__, ModuleNotFoundError)

    def test_another_distribution_took_its_name(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "multipart", ModuleType("multipart"))
        with pytest.raises(ConfigurationError, match=r"mic-core\[forms\]"):
            multipart_library("x")

    def test_broken_inside_is_told_as_it_is(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        (tmp_path / "multipart.py").write_text("import no_such_module_at_all\n")
        monkeypatch.delitem(sys.modules, "multipart", raising=False)
        monkeypatch.syspath_prepend(tmp_path)
        with pytest.raises(ModuleNotFoundError, match="no_such_module_at_all"):
            multipart_library("x")

    def test_is_not_imported_before_it_is_needed(self) -> None:
        code = (
            "import sys, mic.http._forms, mic.http.responses; sys.exit('multipart' in sys.modules)"
        )
        assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
