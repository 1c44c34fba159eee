from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic.testing._http.request import AsgiRequest, RequestOptions, build_request


def _build(path: str = "/", *, method: str = "GET", **options: Any) -> AsgiRequest:
    send: RequestOptions = options.pop("send", {})
    return build_request(method, path, send, **options)


def _headers(request: AsgiRequest) -> list[tuple[bytes, bytes]]:
    return list(request.scope["headers"])


def test_the_scope_is_what_a_server_makes() -> None:
    request = _build("/a/b?x=1")
    assert request.scope == {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/a/b",
        "raw_path": b"/a/b",
        "query_string": b"x=1",
        "root_path": "",
        "headers": [(b"host", b"testserver")],
        "client": ("127.0.0.1", 50000),
        "server": ("testserver", 80),
        "extensions": {},
        "state": {},
    }
    assert (request.chunks, request.hang_up) == ((), False)


@pytest.mark.parametrize(
    ("path", "decoded"),
    [
        ("/%2e%2e/a", "/../a"),
        ("/a/../b", "/a/../b"),
        ("//a//", "//a//"),
        ("/a%2Fb", "/a/b"),
        ("/%3F%23", "/?#"),
        ("/%25", "/%"),
        ("/é", "/é"),
        ("/%C3%A9", "/é"),
        ("/%ff", "/\ufffd"),
    ],
)
def test_the_path_is_never_normalised(path: str, decoded: str) -> None:
    scope = _build(path).scope
    assert scope["path"] == decoded
    assert scope["raw_path"] == path.encode()


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="?")))
def test_the_target_goes_out_as_written(text: str) -> None:
    assert _build("/" + text).scope["raw_path"] == b"/" + text.encode()


def test_the_mount_point_is_in_front_of_the_path() -> None:
    scope = _build("/a%2Fb", root_path="/mount").scope
    assert scope["root_path"] == "/mount"
    assert scope["path"] == "/mount/a/b"
    assert scope["raw_path"] == b"/mount/a%2Fb"


def test_parameters_join_the_query_of_the_path() -> None:
    assert (
        _build("/", send={"params": {"a": "x y", "b": "&"}}).scope["query_string"] == b"a=x+y&b=%26"
    )
    more = _build("/?q=1", send={"params": [("a", "1"), ("a", "2")]})
    assert more.scope["query_string"] == b"q=1&a=1&a=2"


def test_the_connection_is_what_was_asked() -> None:
    scope = _build(scheme="https", http_version="2", client=None, extensions={"x": {}}).scope
    assert scope["scheme"] == "https"
    assert scope["server"] == ("testserver", 443)
    assert scope["http_version"] == "2"
    assert scope["client"] is None
    assert scope["extensions"] == {"x": {}}


def test_headers_keep_their_order_and_repeat() -> None:
    request = _build(
        send={"headers": [("X-A", "1"), ("x-b", "é"), ("x-a", "2")]}, headers={"All": "0"}
    )
    assert _headers(request) == [
        (b"host", b"testserver"),
        (b"all", b"0"),
        (b"x-a", b"1"),
        (b"x-b", b"\xe9"),
        (b"x-a", b"2"),
    ]


def test_a_given_header_replaces_the_clients_own() -> None:
    request = _build(
        send={
            "json": {},
            "headers": {"Host": "other", "Content-Type": "x/y", "content-length": "9"},
        }
    )
    assert _headers(request) == [
        (b"host", b"other"),
        (b"content-type", b"x/y"),
        (b"content-length", b"9"),
    ]


def test_cookies_are_one_line() -> None:
    request = _build(send={"cookies": {"a": "1", "b": "x"}, "headers": {"cookie": "c=2"}})
    assert _headers(request)[1:] == [(b"cookie", b"c=2"), (b"cookie", b"a=1; b=x")]


def test_json_is_compact_utf_8() -> None:
    request = _build(method="POST", send={"json": {"a": "é", "b": [1]}})
    assert request.chunks == ('{"a":"é","b":[1]}'.encode(),)
    assert _headers(request)[1:] == [
        (b"content-type", b"application/json"),
        (b"content-length", b"18"),
    ]


def test_bytes_have_a_length_and_no_type() -> None:
    request = _build(send={"body": b"xyz"})
    assert request.chunks == (b"xyz",)
    assert _headers(request)[1:] == [(b"content-length", b"3")]
    assert _build(send={"body": b""}).chunks == ()


def test_an_iterable_is_sent_chunked_unless_its_length_is_given() -> None:
    request = _build(send={"body": iter([b"a", b"b"])})
    assert request.chunks == (b"a", b"b")
    assert _headers(request)[1:] == [(b"transfer-encoding", b"chunked")]
    declared = _build(send={"body": (b"a",), "headers": {"content-length": "1"}})
    assert _headers(declared)[1:] == [(b"content-length", b"1")]


def test_a_form_is_urlencoded() -> None:
    request = _build(send={"form": [("a", "x y"), ("a", "&")]})
    assert request.chunks == (b"a=x+y&a=%26",)
    assert _headers(request)[1] == (b"content-type", b"application/x-www-form-urlencoded")


def _file_part(filename: str, content_type: str, content: str) -> bytes:
    disposition = f'form-data; name="f"; filename="{filename}"'
    return (
        f"\r\nContent-Disposition: {disposition}\r\n"
        f"Content-Type: {content_type}\r\n\r\n{content}\r\n"
    ).encode()


def test_files_are_multipart() -> None:
    request = _build(
        send={
            "form": {"note": "n"},
            "files": [("f", b"1"), ("f", ("b.txt", b"2")), ("f", ("c.txt", b"3", "text/plain"))],
        }
    )
    [body] = request.chunks
    boundary = b"--mic-testing-boundary"
    assert body.split(boundary) == [
        b"",
        b'\r\nContent-Disposition: form-data; name="note"\r\n\r\nn\r\n',
        _file_part("f", "application/octet-stream", "1"),
        _file_part("b.txt", "application/octet-stream", "2"),
        _file_part("c.txt", "text/plain", "3"),
        b"--\r\n",
    ]
    assert _headers(request)[1] == (
        b"content-type",
        b"multipart/form-data; boundary=mic-testing-boundary",
    )
    assert _build(send={"files": {}}).chunks == (boundary + b"--\r\n",)


def test_a_client_that_hangs_up_declares_more_than_it_sends() -> None:
    request = _build(send={"body": b"xyz", "hang_up": True})
    assert request.hang_up
    assert _headers(request)[1:] == [(b"content-length", b"4")]


@pytest.mark.parametrize(
    "options", [{"body": b"", "json": 1}, {"json": 1, "form": {}}, {"body": b"", "files": {}}]
)
def test_a_request_has_one_body(options: RequestOptions) -> None:
    with pytest.raises(TypeError, match="a request has one body, not"):
        build_request("POST", "/", options)
