"""The parts of a problem document."""

from http import HTTPStatus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic.model import DomainError
from mic.model._problem import status_title, whole_seconds


@pytest.mark.parametrize("status", list(HTTPStatus))
def test_a_registered_status_has_its_phrase(status: HTTPStatus) -> None:
    assert status_title(status.value) == status.phrase


@pytest.mark.parametrize(
    ("status", "title"),
    [(499, "Client Error"), (599, "Server Error"), (500, HTTPStatus(500).phrase)],
)
def test_an_unregistered_status_has_the_name_of_its_class(status: int, title: str) -> None:
    assert status_title(status) == title


@pytest.mark.parametrize(
    ("seconds", "whole"), [(0, 1), (0.2, 1), (1, 1), (1.0001, 2), (1.4, 2), (60, 60)]
)
def test_seconds_are_rounded_up(seconds: float, whole: int) -> None:
    assert whole_seconds(seconds) == whole
    assert type(whole_seconds(seconds)) is int


@pytest.mark.parametrize(
    ("code", "encoded"),
    [("a.b_c-d~", "a.b_c-d~"), ("a/b?c#d e", "a%2Fb%3Fc%23d%20e"), ("é", "%C3%A9")],
)
def test_the_code_is_percent_encoded(code: str, encoded: str) -> None:
    problem = DomainError(code=code, message="m").to_problem()
    assert problem["type"] == f"urn:mic:error:{encoded}"
    assert problem["code"] == code


@given(code=st.text(min_size=1), message=st.text(min_size=1), instance=st.text())
def test_any_text_can_be_rendered(code: str, message: str, instance: str) -> None:
    problem = DomainError(code=code, message=message).to_problem(instance=instance)
    assert problem["detail"] == problem["message"] == message
    assert str(problem["type"]).isascii()


def test_lone_surrogates_become_question_marks() -> None:
    problem = DomainError(code="a\udc00", message="b\ud800").to_problem(instance="c\udfff")
    assert (problem["code"], problem["message"], problem["instance"]) == ("a?", "b?", "c?")
    assert problem["type"] == "urn:mic:error:a%3F"
