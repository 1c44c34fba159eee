from typing import Any

import pytest

from mic.contracts import StrictSchema
from mic.http._render import ModelWriter
from mic.http._results import Results
from mic.http._run import compile_route
from mic.http.options import DEFAULT_OPTIONS
from mic.http.responses import HttpResponseSpec
from mic.model import DomainError


class Item(StrictSchema):
    name: str


class Full(Item):
    secret: str = "s"


async def nothing() -> None: ...


def results(status: int = 200, model: Any = None) -> Results:
    writer = None if model is None else ModelWriter(model)
    return Results("it", status=status, writer=writer, workers=DEFAULT_OPTIONS.workers)


def test_bare_results_get_the_status_of_the_route() -> None:
    answer = results(201, Item).render({"name": "nail"})
    assert answer is not None
    assert (answer.status, answer.body) == (201, b'{"name":"nail"}')
    assert answer.headers == [(b"content-type", b"application/json"), (b"content-length", b"15")]


def test_a_bodyless_status_drops_a_bare_result() -> None:
    answer = results(204).render({"name": "nail"})
    assert answer is not None
    assert (answer.status, answer.headers, answer.body) == (204, [], b"")


def test_a_dropped_body_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    made = results()
    for _ in range(2):
        answer = made.render(HttpResponseSpec(304, {"x": 1}))
        assert answer is not None
        assert (answer.status, answer.body) == (304, b"")
    made.render(HttpResponseSpec(204, None))
    assert [record.getMessage() for record in caplog.records] == [
        "route it: the body of a 304 answer is dropped"
    ]


def test_a_stream_has_no_whole_answer() -> None:
    assert results().render(HttpResponseSpec.streaming([b"1"])) is None


@pytest.mark.parametrize("value", [object(), HttpResponseSpec(200, {"secret": object()})])
def test_what_cannot_be_written_is_an_internal_error_and_stays_out_of_the_log(
    value: object, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(DomainError, match="Internal server error"):
        results().render(value)
    (record,) = caplog.records
    assert record.getMessage() == (
        "route it: the result cannot be written (PydanticSerializationError)"
    )
    assert record.exc_info is None


async def test_results_without_a_spec(make_route: Any, call: Any) -> None:
    async def item() -> Item:
        return Full(name="n")

    async def mixed() -> Item | HttpResponseSpec:
        return Full(name="n")

    assert (await call(compile_route(make_route(item)))).json() == {"name": "n"}
    assert (await call(compile_route(make_route(mixed)))).json() == {"name": "n", "secret": "s"}
    created = await call(compile_route(make_route(item, success_status=201)))
    assert created.status == 201
    empty = await call(compile_route(make_route(nothing)))
    assert (empty.status, empty.headers, empty.body) == (204, [], b"")
    assert compile_route(make_route(item)).response_model is Item


async def test_an_unwritable_result_is_a_500_that_shows_nothing(
    make_route: Any, call: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async def wrong() -> Item:
        return {"secret-value": 1}  # type: ignore[return-value]

    async def opaque() -> HttpResponseSpec:
        return HttpResponseSpec(200, object())

    for handler in (wrong, opaque):
        reply = await call(compile_route(make_route(handler, name="items.bad")))
        assert (reply.status, reply.json()["code"]) == (500, "internal_error")
    assert "items.bad" in caplog.text
    assert "secret-value" not in caplog.text


async def test_head_gets_the_headers_of_get(make_route: Any, call: Any) -> None:
    async def handler() -> str:
        return "text"

    route = compile_route(make_route(handler))
    get, head = await call(route), await call(route, "HEAD")
    assert (head.headers, head.body) == (get.headers, b"")


async def test_a_dropped_body_is_said_once(
    make_route: Any, call: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async def handler() -> HttpResponseSpec:
        return HttpResponseSpec(204, "dropped")

    route = compile_route(make_route(handler))
    for _ in range(2):
        assert (await call(route)).body == b""
    assert len([r for r in caplog.records if "is dropped" in r.message]) == 1


async def test_streams_and_files(make_route: Any, call: Any, tmp_path: Any) -> None:
    (tmp_path / "a.txt").write_text("file")

    async def stream() -> HttpResponseSpec:
        return HttpResponseSpec.streaming([b"1", b"2"], headers={"x": "1"})

    async def file() -> HttpResponseSpec:
        return HttpResponseSpec.file("a.txt", root=tmp_path, headers={"x": "1"})

    async def gone() -> HttpResponseSpec:
        return HttpResponseSpec.file("b.txt", root=tmp_path)

    reply = await call(compile_route(make_route(stream)))
    assert (reply.body, reply.header("x"), reply.header("content-length")) == (b"12", "1", None)
    assert (await call(compile_route(make_route(stream)), "HEAD")).body == b""
    assert (await call(compile_route(make_route(file)))).body == b"file"
    missing = await call(compile_route(make_route(gone)))
    assert (missing.status, missing.json()["code"]) == (404, "http.file_not_found")
