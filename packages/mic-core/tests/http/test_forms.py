import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic.http import _forms
from mic.http._disconnect import ClientDisconnectedError
from mic.http._forms import FormData, multipart_installed, read_form, require_multipart
from mic.http._request import query_pairs
from mic.http.options import HttpOptions
from mic.model import (
    ConfigurationError,
    DomainError,
    PayloadTooLargeError,
    UnsupportedMediaTypeError,
)

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=B"
OPTIONS = HttpOptions(max_body_bytes=1_000, max_multipart_bytes=5_000, max_form_parts=10)


def text_part(name: str, content: bytes) -> bytes:
    return b"--B\r\nContent-Disposition: form-data; name=" + name.encode() + b"\r\n\r\n" + content


def file_part(name: str, content: bytes) -> bytes:
    return text_part(f"{name}; filename=x", content)


def form_of(*parts: bytes) -> bytes:
    return b"".join(part + b"\r\n" for part in parts) + b"--B--\r\n"


def descriptors() -> int:
    return sum(1 for _ in Path("/dev/fd").iterdir())


class Client:
    """A client that sends a body in chunks of 500 bytes, and counts those taken."""

    def __init__(self, body: bytes, *, leaves: bool = False) -> None:
        chunks = [body[start : start + 500] for start in range(0, len(body), 500)] or [b""]
        self.messages: list[dict[str, Any]] = [
            {"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks
        ]
        if leaves:
            self.messages.append({"type": "http.disconnect"})
        else:
            self.messages[-1]["more_body"] = False
        self.taken = 0

    async def receive(self) -> dict[str, Any]:
        message = self.messages[self.taken]
        self.taken += 1
        return message

    async def read(
        self, content_type: str | None, *, length: int | None = None, **given: Any
    ) -> FormData:
        headers = (
            [] if content_type is None else [(b"content-type", content_type.encode("latin-1"))]
        )
        if length is not None:
            headers.append((b"content-length", b"%d" % length))
        scope = {"type": "http", "http_version": "1.1", "headers": headers}
        given.setdefault("options", OPTIONS)
        return await read_form(scope, self.receive, **given)


class TestUrlencoded:
    @pytest.mark.parametrize(
        "content_type", [URLENCODED, f"{URLENCODED}; charset=UTF-8", URLENCODED.upper()]
    )
    async def test_fields_in_order(self, content_type: str) -> None:
        form = await Client(b"a=1&b=%C3%BC+x&a=&c").read(content_type)
        assert form.fields == [("a", "1"), ("b", "ü x"), ("a", ""), ("c", "")]
        assert form.files == []
        await form.close()

    @given(st.lists(st.tuples(st.text(), st.text()), max_size=10))
    async def test_gives_back_what_was_written(self, pairs: list[tuple[str, str]]) -> None:
        client = Client(urlencode(pairs).encode())
        form = await client.read(URLENCODED, max_bytes=100_000)
        assert form.fields == [(name, value) for name, value in pairs]

    async def test_a_large_one_is_decoded_in_a_thread(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        body = b"a=" + b"%41" * 10_000
        assert len(body) > _forms._INLINE_BYTES
        ran: list[Any] = []
        options = HttpOptions(max_body_bytes=100_000)
        really_run = options.workers.run

        async def run(function: Any, *args: Any) -> Any:
            ran.append(function)
            return await really_run(function, *args)

        monkeypatch.setattr(type(options.workers), "run", lambda _, *args: run(*args))
        form = await Client(body).read(URLENCODED, options=options)
        assert form.fields == [("a", "A" * 10_000)]
        assert ran == [query_pairs]

    async def test_as_many_fields_as_allowed(self) -> None:
        assert len((await Client(b"&".join([b"a=1"] * 10)).read(URLENCODED)).fields) == 10

    async def test_too_many_fields(self) -> None:
        with pytest.raises(PayloadTooLargeError, match="larger") as caught:
            await Client(b"&".join([b"a=1"] * 11)).read(URLENCODED)
        assert caught.value.code == "http.payload_too_large"

    async def test_limit(self) -> None:
        assert await Client(b"a=" + b"1" * 998).read(URLENCODED)
        with pytest.raises(PayloadTooLargeError, match="larger") as caught:
            await Client(b"a=" + b"1" * 999).read(URLENCODED)
        assert caught.value.headers == {"Connection": "close"}

    async def test_declared_over_the_limit(self) -> None:
        client = Client(b"")
        with pytest.raises(PayloadTooLargeError, match="larger"):
            await client.read(URLENCODED, length=1_001)
        assert client.taken == 0

    async def test_the_limit_of_the_route(self) -> None:
        assert await Client(b"a=" + b"1" * 2_000).read(URLENCODED, max_bytes=2_002)
        with pytest.raises(PayloadTooLargeError, match="larger"):
            await Client(b"a=1").read(URLENCODED, max_bytes=2)

    async def test_the_client_left(self) -> None:
        with pytest.raises(ClientDisconnectedError, match=r"^$"):
            await Client(b"a=1", leaves=True).read(URLENCODED)


class TestMultipart:
    async def test_fields_and_files(self) -> None:
        body = form_of(text_part("a", b"1"), file_part("f", b"content"))
        form = await Client(body).read(MULTIPART, files={"f": None})
        assert form.fields == [("a", "1")]
        assert await form.files[0][1].read() == b"content"
        await form.close()

    async def test_fields_without_files(self) -> None:
        form = await Client(form_of(text_part("a", b"1"))).read(MULTIPART)
        assert form.fields == [("a", "1")]

    async def test_limit_of_the_whole(self) -> None:
        body = form_of(file_part("f", bytes(4_000)))
        assert (await Client(body).read(MULTIPART, files={"f": None})).files
        with pytest.raises(PayloadTooLargeError, match="larger") as caught:
            await Client(form_of(file_part("f", bytes(5_000)))).read(MULTIPART, files={"f": None})
        assert caught.value.headers == {"Connection": "close"}

    async def test_limit_of_a_file(self) -> None:
        body = form_of(file_part("f", bytes(11)))
        assert (await Client(body).read(MULTIPART, files={"f": 11})).files
        with pytest.raises(PayloadTooLargeError, match="larger") as caught:
            await Client(body).read(MULTIPART, files={"f": 10})
        assert caught.value.headers == {"Connection": "close"}

    async def test_limit_of_the_texts(self) -> None:
        with pytest.raises(PayloadTooLargeError, match="larger"):
            await Client(form_of(text_part("a", bytes(1_000)))).read(MULTIPART)

    async def test_the_limit_of_the_route_replaces_all(self) -> None:
        body = form_of(text_part("a", bytes(6_000)))
        assert (await Client(body).read(MULTIPART, max_bytes=7_000)).fields
        with pytest.raises(PayloadTooLargeError, match="larger"):
            await Client(body).read(MULTIPART, max_bytes=100)

    async def test_limit_of_the_parts(self) -> None:
        assert (await Client(form_of(*[text_part("a", b"")] * 10)).read(MULTIPART)).fields
        with pytest.raises(PayloadTooLargeError, match="larger"):
            await Client(form_of(*[text_part("a", b"")] * 11)).read(MULTIPART)

    @pytest.mark.parametrize(
        "content_type", ["multipart/form-data", "multipart/form-data; boundary="]
    )
    async def test_no_boundary(self, content_type: str) -> None:
        with pytest.raises(DomainError, match="malformed") as caught:
            await Client(form_of(text_part("a", b"1"))).read(content_type)
        assert caught.value.code == "http.malformed_form"

    async def test_the_client_left_and_nothing_stays_open(self) -> None:
        before = descriptors()
        client = Client(file_part("f", bytes(2_000_000)), leaves=True)
        with pytest.raises(ClientDisconnectedError, match=r"^$"):
            await client.read(MULTIPART, files={"f": None}, max_bytes=3_000_000)
        assert descriptors() == before


class TestContentType:
    @pytest.mark.parametrize(
        ("content_type", "given_", "accept"),
        [
            (None, {}, f"{URLENCODED}, multipart/form-data"),
            ("text/plain", {}, f"{URLENCODED}, multipart/form-data"),
            ("application/json", {"multipart": False}, URLENCODED),
            (MULTIPART, {"multipart": False}, URLENCODED),
            (URLENCODED, {"files": {"f": None}}, "multipart/form-data"),
            (f"{URLENCODED}; charset=latin-1", {}, f"{URLENCODED}, multipart/form-data"),
            (f"{MULTIPART}; charset=utf-16", {}, f"{URLENCODED}, multipart/form-data"),
        ],
    )
    async def test_another_type(
        self, content_type: str | None, given_: dict[str, Any], accept: str
    ) -> None:
        client = Client(bytes(2_000))
        with pytest.raises(UnsupportedMediaTypeError, match="not accepted") as caught:
            await client.read(content_type, **given_)
        assert caught.value.code == "http.unsupported_media_type"
        assert caught.value.headers == {"Accept": accept}
        assert client.taken == 1

    @pytest.mark.parametrize("content_type", [None, "text/plain", URLENCODED])
    async def test_an_empty_body_is_an_empty_form(self, content_type: str | None) -> None:
        form = await Client(b"").read(content_type)
        assert (form.fields, form.files) == ([], [])


class TestRequireMultipart:
    def test_installed(self) -> None:
        require_multipart("upload")
        assert "multipart" not in vars(_forms)

    def test_absent(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "multipart", None)
        with pytest.raises(ConfigurationError, match=r"'upload'.*mic-core\[forms\]"):
            require_multipart("upload")


class TestMultipartInstalled:
    def test_installed(self) -> None:
        assert multipart_installed()

    def test_absent(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "multipart", None)
        assert not multipart_installed()
