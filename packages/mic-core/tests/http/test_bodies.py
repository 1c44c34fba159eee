from typing import Annotated, Any

import pytest
from pydantic import Json

from mic.contracts import StrictSchema
from mic.http.asgi import build_asgi_app
from mic.http.options import HttpOptions
from mic.http.params import Body
from mic.http.table import compile_routes

JSON = [("content-type", "application/json")]


class Model(StrictSchema):
    name: str = "default"
    inner: Json[int] = 0


async def take(payload: Model) -> dict[str, Any]:
    return {"name": payload.name}


async def take_optional(payload: Model | None) -> str:
    return repr(payload)


async def take_default(payload: Model = Model(name="python")) -> str:  # noqa: B008
    return payload.name


async def take_list(payload: list[Model]) -> int:
    return len(payload)


async def take_raw(payload: Annotated[bytes, Body()]) -> int:
    return len(payload)


@pytest.fixture
def app(make_route: Any) -> Any:
    handlers = (take, take_optional, take_default, take_list, take_raw)
    return build_asgi_app(
        routes=[make_route(h, "POST", f"/{h.__name__}", name=h.__name__) for h in handlers],
        options=HttpOptions(max_body_bytes=100),
    )


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "Application/JSON; charset=UTF-8",
        'application/problem+json; charset="utf-8"',
    ],
)
async def test_json_types_are_taken(app: Any, call: Any, content_type: str) -> None:
    reply = await call(
        app, "POST", "/take", headers=[("content-type", content_type)], body=b'{"name":"n"}'
    )
    assert (reply.status, reply.json()) == (200, {"name": "n"})


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("content-type", "text/plain")],
        [("content-type", "application/json; charset=latin-1")],
        [("content-type", "application/x-www-form-urlencoded")],
        [("content-type", "text/vnd+json")],
        [("content-type", "application/json;" + "x" * 200)],
    ],
)
async def test_other_types_are_refused(app: Any, call: Any, headers: Any) -> None:
    reply = await call(app, "POST", "/take", headers=headers, body=b"{}")
    assert (reply.status, reply.json()["code"]) == (415, "http.unsupported_media_type")
    assert reply.header("accept") == "application/json"


async def test_a_lenient_route_takes_any_type(make_route: Any, call: Any) -> None:
    app = build_asgi_app(routes=[make_route(take, "POST", strict_content_type=False)])
    assert (await call(app, "POST", "/", body=b"{}")).status == 200


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        ("/take", 200, {"name": "default"}),
        ("/take_optional", 200, "None"),
        ("/take_default", 200, "python"),
        ("/take_raw", 200, 0),
    ],
)
async def test_an_empty_body(app: Any, call: Any, path: str, status: int, body: Any) -> None:
    reply = await call(app, "POST", path)
    assert (reply.status, reply.json()) == (status, body)


async def test_an_empty_body_of_a_list_is_missing(app: Any, call: Any) -> None:
    reply = await call(app, "POST", "/take_list")
    assert reply.status == 400
    assert reply.json()["errors"] == [
        {"in": "body", "pointer": "", "message": "Field required", "type": "missing"}
    ]


@pytest.mark.parametrize("body", [b"{", b"\xff", b'"\xff"', b"[" * 99, b"nul", b'{"a":1}x'])
async def test_what_is_no_json_is_said_without_an_excerpt(app: Any, call: Any, body: bytes) -> None:
    reply = await call(app, "POST", "/take", headers=JSON, body=body)
    assert (reply.status, reply.json()["code"]) == (400, "http.malformed_json")
    assert reply.json()["message"] == "the request body is not valid JSON"


async def test_deep_nesting_is_malformed(make_route: Any, call: Any) -> None:
    app = build_asgi_app(routes=[make_route(take, "POST")])
    reply = await call(app, "POST", "/", headers=JSON, body=b"[" * 10_000 + b"]" * 10_000)
    assert (reply.status, reply.json()["code"]) == (400, "http.malformed_json")


async def test_bad_json_inside_a_field_is_a_validation_error(app: Any, call: Any) -> None:
    reply = await call(app, "POST", "/take", headers=JSON, body=b'{"inner":"{"}')
    assert reply.json()["errors"][0]["pointer"] == "/inner"


async def test_two_errors_are_two(app: Any, call: Any) -> None:
    reply = await call(app, "POST", "/take", headers=JSON, body=b'{"inner":"{","name":1}')
    assert len(reply.json()["errors"]) == 2


@pytest.mark.parametrize("size", [100, 101])
@pytest.mark.parametrize("declared", [True, False])
async def test_the_limit_holds_to_the_byte(app: Any, call: Any, size: int, declared: bool) -> None:
    body = b"x" * size
    headers = [("content-length", str(size))] if declared else []
    reply = await call(app, "POST", "/take_raw", headers=headers, body=[body[:50], b"", body[50:]])
    if size == 100:
        assert (reply.status, reply.json()) == (200, 100)
    else:
        assert (reply.status, reply.json()["code"]) == (413, "http.payload_too_large")
        assert reply.header("connection") == "close"


async def test_a_body_in_chunks_is_put_together(app: Any, call: Any) -> None:
    reply = await call(app, "POST", "/take", headers=JSON, body=[b'{"na', b"", b'me":"n"}', b""])
    assert reply.json() == {"name": "n"}


async def test_a_client_that_leaves_is_not_answered(app: Any, call: Any) -> None:
    reply = await call(app, "POST", "/take", headers=JSON, body=b'{"na', disconnect=True)
    assert not reply.started


def test_the_table_compiles_every_body(make_route: Any) -> None:
    assert len(compile_routes([make_route(take, "POST")])) == 1
