import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar, Request, Response, Router
from litestar.datastructures import CacheControlHeader, Cookie, ResponseHeader

from mic.http.cookies import HttpCookieSpec
from mic.http.responses import HttpResponseSpec
from mic.http.route_spec import HttpRouteSpec
from mic.litestar import build_litestar_router
from mic.litestar._layers import Replay
from mic.testing.route_client import AsyncRouteClient, ClientOptions, RouteResponse

Handler = Callable[..., Any]


def client(app: Any, **settings: Any) -> AsyncRouteClient:
    """A client of an app; Litestar's types of scope and messages are stricter than ASGI's."""
    return AsyncRouteClient.for_app(app, settings=ClientOptions(**settings))


async def ask(handler: Handler, method: Any = "GET", /, **layer: Any) -> RouteResponse:
    router = build_litestar_router(routes=[HttpRouteSpec(method, "/", "r", "t", handler)])
    app = Litestar([Router("/", route_handlers=[router], **layer)], logging_config=None)
    return await client(app).request(method, "/")


async def hello() -> HttpResponseSpec:
    return HttpResponseSpec(
        201,
        {"a": 1},
        headers=[("x-own", "1"), ("vary", "a"), ("vary", "b")],
        cookies=(HttpCookieSpec("one", "1"), HttpCookieSpec("two", "2")),
    )


async def test_headers_and_cookies_of_the_layers_join_those_of_the_answer() -> None:
    answer = await ask(
        hello,
        response_headers=[
            ResponseHeader(name="x-own", value="layer"),
            ResponseHeader(name="x-layer", value="2"),
            ResponseHeader(name="x-doc", documentation_only=True),
        ],
        response_cookies=[Cookie(key="three", value="3")],
        cache_control=CacheControlHeader(max_age=5),
    )
    assert (answer.status_code, answer.json()) == (201, {"a": 1})
    assert answer.header("content-length") == "7"
    assert answer.header("x-own") == "1"
    assert answer.header("x-layer") == "2"
    assert answer.header("x-doc") is None
    assert answer.header("cache-control") == "max-age=5"
    assert answer.header("vary") == "a, b"
    names = [name for name, _ in answer.raw_headers]
    assert names[:2] == [b"content-type", b"content-length"]
    cookies = [value.split(b"=")[0] for name, value in answer.raw_headers if name == b"set-cookie"]
    assert sorted(cookies) == [b"one", b"three", b"two"]


async def test_a_hook_sees_the_answer_and_may_change_all_of_it() -> None:
    seen: list[tuple[int | None, Any, Any]] = []

    async def after(response: Response[Any]) -> Response[Any]:
        seen.append((response.status_code, response.content, response.media_type))
        return Response("changed", status_code=202, media_type="text/plain", headers={"x-h": "1"})

    answer = await ask(hello, after_request=after)
    assert seen == [(201, b'{"a":1}', "application/json")]
    assert (answer.status_code, answer.body) == (202, b"changed")
    assert answer.header("content-type") == "text/plain; charset=utf-8"
    assert answer.header("content-length") == "7"
    assert answer.header("x-h") == "1"


async def test_a_hook_may_change_the_body_alone() -> None:
    def after(response: Response[Any]) -> Response[Any]:
        response.content = b"[1, 2, 3, 4]"
        return response

    answer = await ask(hello, after_request=after)
    assert (answer.status_code, answer.json()) == (201, [1, 2, 3, 4])
    assert answer.header("content-type") == "application/json"
    assert [v for n, v in answer.raw_headers if n == b"content-length"] == [b"12"]


async def test_a_hook_that_takes_the_body_away_leaves_no_length() -> None:
    def after(response: Response[Any]) -> Response[Any]:
        return Response(b"", status_code=204)

    answer = await ask(hello, after_request=after)
    assert (answer.status_code, answer.body) == (204, b"")
    assert answer.header("content-length") is None


async def test_an_answer_without_content_passes_a_hook() -> None:
    async def nothing() -> None:
        return None

    def after(response: Response[Any]) -> Response[Any]:
        response.headers["x-h"] = "1"
        return response

    answer = await ask(nothing, after_request=after)
    assert (answer.status_code, answer.body, answer.header("x-h")) == (204, b"", "1")
    assert answer.header("content-length") is None


async def test_the_answer_to_head_keeps_its_length() -> None:
    async def head() -> dict[str, int]:
        return {"a": 1}

    router = build_litestar_router(routes=[HttpRouteSpec("GET", "/", "r", "t", head)])
    app = Litestar([router], response_headers={"x-layer": "1"}, logging_config=None)
    answer = await client(app).request("HEAD", "/")
    assert (answer.body, answer.header("content-length")) == (b"", "7")
    assert answer.header("x-layer") == "1"


async def test_the_hook_of_the_closest_layer_counts() -> None:
    def hook(name: str) -> Callable[[Response[Any]], Response[Any]]:
        def after(response: Response[Any]) -> Response[Any]:
            response.headers["x-h"] = name
            return response

        return after

    routes = [HttpRouteSpec("GET", "/", "r", "t", hello)]
    inner = Router(
        "/", route_handlers=[build_litestar_router(routes=routes)], after_request=hook("inner")
    )
    app = Litestar([inner], after_request=hook("outer"), logging_config=None)
    answer = await client(app).get("/")
    assert answer.header("x-h") == "inner"


async def test_a_stream_passes_as_it_comes_with_headers_of_hook_and_layers() -> None:
    release = asyncio.Event()

    async def chunks() -> AsyncIterator[bytes]:
        yield b"one"
        await release.wait()
        yield b"two"

    async def stream() -> HttpResponseSpec:
        return HttpResponseSpec.streaming(chunks(), media_type="text/csv")

    def after(response: Response[Any]) -> Response[Any]:
        response.headers["x-h"] = f"{len(response.content)} bytes"
        return response

    router = build_litestar_router(routes=[HttpRouteSpec("GET", "/", "r", "t", stream)])
    app = Litestar(
        [router], after_request=after, response_headers={"x-l": "1"}, logging_config=None
    )
    async with client(app).stream("GET", "/") as answer:
        assert await answer.next_chunk() == b"one"
        release.set()
        assert await answer.next_chunk() == b"two"
        assert await answer.next_chunk() is None
        assert (answer.header("x-h"), answer.header("x-l")) == ("0 bytes", "1")
        assert answer.header("content-type") == "text/csv; charset=utf-8"
        assert answer.header("content-length") is None


@pytest.mark.parametrize("extensions", [{}, {"http.response.pathsend": {}}])
async def test_a_file_passes_a_hook(tmp_path: Path, extensions: dict[str, Any]) -> None:
    (tmp_path / "f.txt").write_bytes(b"x" * 200_000)

    async def send_file() -> HttpResponseSpec:
        return HttpResponseSpec.file("f.txt", root=tmp_path)

    def after(response: Response[Any]) -> Response[Any]:
        response.headers["x-h"] = "1"
        return response

    router = build_litestar_router(routes=[HttpRouteSpec("GET", "/", "r", "t", send_file)])
    app = Litestar([router], after_request=after, logging_config=None)
    asked = client(app, extensions=extensions)
    answer = await asked.get("/")
    assert answer.header("content-length") == "200000"
    assert len(answer.body) == 200_000
    assert answer.header("x-h") == "1"


async def test_a_body_that_a_hook_has_read_is_given_to_the_route_again() -> None:
    seen: list[bytes] = []

    async def before(request: Request[Any, Any, Any]) -> None:
        seen.append(await request.body())

    async def echo(payload: dict[str, int]) -> dict[str, int]:
        return payload

    router = build_litestar_router(routes=[HttpRouteSpec("POST", "/", "r", "t", echo)])
    app = Litestar([router], before_request=before, logging_config=None)
    answer = await client(app).post("/", json={"a": 1})
    assert (seen, answer.json()) == ([answer.body], {"a": 1})


async def test_a_replay_gives_what_was_seen_and_then_what_is_left() -> None:
    messages = [{"n": 1}, {"n": 2}, {"n": 3}]

    async def receive() -> Any:
        return messages.pop(0)

    replay = Replay(receive)
    assert [(await replay.record())["n"], (await replay.record())["n"]] == [1, 2]
    assert [(await replay())["n"] for _ in range(3)] == [1, 2, 3]


@pytest.mark.parametrize("by", ["header", "media type"])
async def test_a_hook_may_change_the_type(by: str) -> None:
    def after(response: Response[Any]) -> Response[Any]:
        if by == "header":
            response.headers["Content-Type"] = "application/vnd.x+json"
        else:
            response.media_type = "application/vnd.x+json"
        return response

    answer = await ask(hello, after_request=after)
    types = [value for name, value in answer.raw_headers if name == b"content-type"]
    assert (types, answer.json()) == ([b"application/vnd.x+json"], {"a": 1})
    assert answer.header("content-length") == "7"


async def test_a_hook_gives_no_body_to_head() -> None:
    def after(response: Response[Any]) -> Response[Any]:
        response.content = b"changed"
        return response

    router = build_litestar_router(routes=[HttpRouteSpec("GET", "/", "r", "t", hello)])
    app = Litestar([router], after_request=after, logging_config=None)
    answer = await client(app).request("HEAD", "/")
    assert (answer.status_code, answer.body) == (201, b"")
