from typing import Any

import pytest

from mic.contracts import StrictSchema
from mic.http._render import ModelWriter
from mic.http._results import Results
from mic.http.options import DEFAULT_OPTIONS
from mic.http.responses import HttpResponseSpec
from mic.model import DomainError


class Item(StrictSchema):
    name: str


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
