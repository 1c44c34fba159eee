"""Values that refuse to be shown."""

import copy
import json
import pickle
from dataclasses import asdict, dataclass
from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from mic.redaction import Redact, Secret, redact_mask


class Login(BaseModel):
    user: str
    password: Secret[str]
    pin: Secret[int] | None = None


def test_only_reveal_shows_the_value() -> None:
    secret = Secret("canary")
    assert secret.reveal() == "canary"
    shown = [repr(secret), str(secret), f"{secret}", f"{secret:>20}", f"{secret!r}", f"{[secret]}"]
    assert shown[1] == "[REDACTED]"
    assert all("canary" not in text and "[REDACTED]" in text for text in shown)
    assert not hasattr(secret, "__dict__")


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_it_cannot_be_pickled(protocol: int) -> None:
    with pytest.raises(TypeError, match="a Secret cannot be pickled"):
        pickle.dumps(Secret("x"), protocol)


def test_it_is_no_json() -> None:
    with pytest.raises(TypeError, match="not JSON serializable"):
        json.dumps({"a": Secret("x")})


def test_a_copy_is_the_same_object() -> None:
    secret = Secret(["x"])
    assert copy.copy(secret) is secret
    assert copy.deepcopy([secret])[0] is secret

    @dataclass
    class Holder:
        secret: Secret[list[str]]

    assert asdict(Holder(secret))["secret"] is secret


@pytest.mark.parametrize(
    ("one", "two", "equal"),
    [
        ("a", "a", True),
        ("a", "b", False),
        ("ä\ud800", "ä\ud800", True),
        (b"a", b"a", True),
        (b"a", b"b", False),
        ("a", b"a", False),
        (1, 1, True),
        (1, 2, False),
    ],
)
def test_equality_is_that_of_the_values(one: Any, two: Any, equal: bool) -> None:
    assert (Secret(one) == Secret(two)) is equal
    assert len({Secret(one), Secret(two)}) == (1 if equal else 2)


def test_it_does_not_equal_its_value() -> None:
    assert Secret("a") != "a"


def test_pydantic_validates_and_hides_it() -> None:
    login = Login.model_validate({"user": "ann", "password": "canary", "pin": "12"})
    assert (login.password.reveal(), login.pin) == ("canary", Secret(12))
    assert Login(user="a", password=Secret("x")).password.reveal() == "x"
    for shown in (repr(login), login.model_dump_json(), str(login.model_dump())):
        assert "canary" not in shown
    assert json.loads(login.model_dump_json())["password"] == "[REDACTED]"
    assert Login.model_validate_json('{"user":"a","password":"p"}').password.reveal() == "p"
    with pytest.raises(ValidationError, match="Input should be a valid string"):
        Login.model_validate_json('{"user":"a","password":5}')
    assert Login.model_json_schema()["properties"]["password"]["type"] == "string"


def test_without_a_type_anything_is_held() -> None:
    adapter: TypeAdapter[Any] = TypeAdapter(Secret)
    assert adapter.validate_python([1]).reveal() == [1]


def test_the_marker_holds_a_redactor() -> None:
    assert Redact(redact_mask).redactor("x") == "***"
    wrong: Any = "text"
    with pytest.raises(TypeError, match="the redactor of Redact must be callable"):
        Redact(wrong)
