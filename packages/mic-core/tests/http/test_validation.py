from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError, field_validator

from mic.http._validation import Findings, InvalidRequestError

SECRET = "correct-horse-battery"


class Echo(BaseModel):
    text: str

    @field_validator("text")
    @classmethod
    def _echo(cls, value: str) -> str:
        raise ValueError(f"bad text: {value}")


def error_of(value: Any, model: type[BaseModel] = Echo) -> ValidationError:
    with pytest.raises(ValidationError, match="validation error") as caught:
        model.model_validate(value)
    return caught.value


def raised(findings: Findings) -> InvalidRequestError:
    with pytest.raises(InvalidRequestError, match="Invalid request payload") as caught:
        findings.raise_if_any()
    return caught.value


def test_nothing_found_raises_nothing() -> None:
    Findings(limit=1).raise_if_any()


def test_a_validators_echo_is_masked() -> None:
    findings = Findings(limit=5)
    findings.invalid("body", error_of({"text": SECRET}))
    error = raised(findings)
    assert error.problems == [
        {
            "in": "body",
            "pointer": "/text",
            "message": "Value error, bad text: …",
            "type": "value_error",
        }
    ]
    assert SECRET not in str(error.to_problem())


@given(st.text(min_size=4, max_size=40))
def test_no_value_of_four_characters_survives(text: str) -> None:
    findings = Findings(limit=5)
    findings.invalid("body", error_of({"text": text}))
    message = raised(findings).problems[0]["message"]
    assert text not in message or text in "Value error, bad text: …"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (b"secret-bytes", "secret-bytes"),
        ({"a": {"b": "secret-inside"}}, "secret-inside"),
        ({"a": {"secret-key": 1}}, "secret-key"),
        (["secret-item"], "secret-item"),
        (123456789, "123456789"),
    ],
)
def test_values_inside_others_are_masked(value: Any, shown: str) -> None:
    class Any_(BaseModel):  # noqa: N801
        text: Any

        @field_validator("text")
        @classmethod
        def _echo(cls, value: Any) -> Any:
            raise ValueError(f"no: {shown}")

    findings = Findings(limit=5)
    findings.invalid("body", error_of({"text": value}, Any_))
    assert raised(findings).problems[0]["message"] == "Value error, no: …"


def test_values_that_have_no_text_are_left() -> None:
    findings = Findings(limit=5)
    findings.invalid("body", error_of({"text": None}))
    assert raised(findings).problems[0]["type"] == "string_type"


def test_pointers_are_escaped_and_cut() -> None:
    class Strict(BaseModel, extra="forbid"):
        a: int = 0

    findings = Findings(limit=5)
    findings.invalid("query", error_of({"x/y~z": 1, "k" * 100: 2}, Strict), "outer")
    assert [problem["pointer"] for problem in raised(findings).problems] == [
        "/outer/x~1y~0z",
        "/outer/" + "k" * 64,
    ]


def test_positions_in_lists_are_numbers() -> None:
    class Numbers(BaseModel):
        values: list[int]

    findings = Findings(limit=5)
    findings.invalid("body", error_of({"values": [1, "x"]}, Numbers))
    error = raised(findings)
    assert error.problems[0]["pointer"] == "/values/1"
    assert error.details["errors"][0]["loc"] == ["values", 1]


def test_errors_past_the_limit_are_counted_out() -> None:
    findings = Findings(limit=1)
    findings.missing("query", "a")
    findings.missing("query", "b")
    error = raised(findings)
    assert len(error.problems) == 1
    assert error.details["truncated"] is True
