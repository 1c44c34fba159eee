from collections.abc import AsyncIterator
from typing import Any

import pytest

from mic.contracts import HttpSuccessEnvelope
from mic.http._files import FileBody
from mic.http._sse import SseBody
from mic.http.cookies import HttpCookieSpec
from mic.http.responses import HttpResponseSpec

COOKIE = HttpCookieSpec("a", "1")


def test_the_published_positions_hold() -> None:
    spec = HttpResponseSpec(200, "x", "text/plain", (COOKIE,))
    assert (spec.status_code, spec.body, spec.media_type, spec.cookies) == (
        200,
        "x",
        "text/plain",
        (COOKIE,),
    )


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"status_code": 199}, "status_code must be 200..599"),
        ({"status_code": 600}, "status_code must be 200..599"),
        ({"stream": [b""]}, "a body or a stream"),
        ({"media_type": "text/plain\r\nx: y"}, "control character"),
        ({"headers": {"a b": "1"}}, "not a header name"),
        ({"headers": [("a", "1\n")]}, "control character"),
    ],
)
def test_what_cannot_be_sent_is_refused_when_made(fields: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        HttpResponseSpec(**{"status_code": 200, "body": "x", **fields})


def test_ok_created_and_accepted_wrap_the_body() -> None:
    ok = HttpResponseSpec.ok(1, meta={"a": 2}, headers={"x": "1"}, cookies=(COOKIE,))
    assert (ok.status_code, ok.body) == (200, HttpSuccessEnvelope(data=1, meta={"a": 2}))
    assert (ok.headers, ok.cookies) == ({"x": "1"}, (COOKIE,))
    created = HttpResponseSpec.created(1, location="/1", headers={"x": "1"})
    assert (created.status_code, created.headers) == (201, (("location", "/1"), ("x", "1")))
    accepted = HttpResponseSpec.accepted(1, headers=[("x", "1")])
    assert (accepted.status_code, accepted.headers) == (202, (("x", "1"),))


def test_answers_without_body() -> None:
    assert HttpResponseSpec.no_content().status_code == 204
    fresh = HttpResponseSpec.not_modified('"e"', headers={"x": "1"})
    assert (fresh.status_code, fresh.headers) == (304, (("etag", '"e"'), ("x", "1")))


def test_text_and_redirect() -> None:
    text = HttpResponseSpec.text("hi", status_code=202)
    assert (text.status_code, text.body, text.media_type) == (202, "hi", "text/plain")
    redirect = HttpResponseSpec.redirect("/x", status_code=307)
    assert (redirect.status_code, redirect.headers) == (307, (("location", "/x"),))
    with pytest.raises(ValueError, match="a redirect has status"):
        HttpResponseSpec.redirect("/x", status_code=300)  # type: ignore[arg-type]


def test_streams() -> None:
    async def events() -> AsyncIterator[str]:
        yield "a"

    stream = HttpResponseSpec.streaming([b"a"])
    assert (stream.stream, stream.media_type) == ([b"a"], "application/octet-stream")
    sse = HttpResponseSpec.sse(events(), headers={"x": "1"})
    assert isinstance(sse.stream, SseBody)
    assert sse.media_type == "text/event-stream"
    assert sse.headers == (("cache-control", "no-cache"), ("x-accel-buffering", "no"), ("x", "1"))
    file = HttpResponseSpec.file("a.txt", root="/srv", filename="b", disposition="inline")
    assert file.stream == FileBody(path="a.txt", root="/srv", filename="b", disposition="inline")
