"""The policy as users meet it."""

import dataclasses
import json
import threading
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, SecretStr

import mic.redaction
from mic.redaction import (
    Redact,
    RedactionPolicy,
    Secret,
    apply_field_redactors,
    redact_drop,
    redact_fields,
    redact_hash,
    redact_mask,
)


def test_every_public_name_is_there() -> None:
    assert sorted(mic.redaction.__all__) == mic.redaction.__all__
    assert all(hasattr(mic.redaction, name) for name in mic.redaction.__all__)


def test_coerce() -> None:
    policy = RedactionPolicy()
    assert RedactionPolicy.coerce(policy) is policy
    assert RedactionPolicy.coerce(None) is RedactionPolicy.coerce(None)
    assert RedactionPolicy.coerce(None).apply({"token": 1, "email": 2}) == {
        "token": "[REDACTED]",
        "email": 2,
    }
    assert RedactionPolicy.coerce({"email": redact_mask}).apply({"token": 1, "email": 2}) == {
        "token": "[REDACTED]",
        "email": "***",
    }
    wrong: Any = "text"
    with pytest.raises(TypeError, match="must be a RedactionPolicy, a dict or None"):
        RedactionPolicy.coerce(wrong)


@pytest.mark.parametrize("wrong", [{5: redact_drop}, {"a": 5}])
def test_malformed_rules_are_refused_everywhere(wrong: Any) -> None:
    for function in (
        RedactionPolicy,
        RedactionPolicy.coerce,
        RedactionPolicy().merged,
        lambda rules: redact_fields({}, rules),
    ):
        with pytest.raises(TypeError, match=r"redaction rule|must be callable"):
            function(wrong)


def test_none_redacts_secrets_only() -> None:
    class Model(BaseModel):
        marked: Annotated[str, Redact(redact_drop)] = "shown"
        secret: SecretStr = SecretStr("x")

    policy = RedactionPolicy.none()
    value = {"token": "a", "t": "Bearer abcdefg password=x", "s": Secret("x"), "m": Model()}
    assert policy.apply(value) == {
        "token": "a",
        "t": "Bearer abcdefg password=x",
        "s": "[REDACTED]",
        "m": {"marked": "shown", "secret": "[REDACTED]"},
    }
    assert policy.apply_text("password=x", known={"password": "known"}) == "known=x"


def test_merged() -> None:
    policy = RedactionPolicy({"a": redact_drop})
    assert policy.merged(None) is policy
    merged = policy.merged({"a": redact_mask, "b": redact_mask})
    assert merged.apply({"a": 1, "b": 1}) == {"a": "***", "b": "***"}
    assert policy.apply({"a": 1, "b": 1}) == {"a": "[REDACTED]", "b": 1}
    assert RedactionPolicy.none().merged(policy).apply({"token": 1}) == {"token": "[REDACTED]"}
    wrong: Any = 5
    with pytest.raises(TypeError, match="must be a RedactionPolicy, a dict or None"):
        policy.merged(wrong)


def test_redactor_for() -> None:
    policy = RedactionPolicy({"user.email": redact_mask}, allow_names=["dsn"])
    assert policy.redactor_for("user.email") is redact_mask
    assert policy.redactor_for("email") is None
    assert policy.redactor_for("Access_Token") is redact_drop
    assert policy.redactor_for("dsn") is None


def test_the_keyed_hash_is_used_everywhere() -> None:
    class Model(BaseModel):
        marked: Annotated[str, Redact(redact_hash)] = "a@b.c"

    policy = RedactionPolicy({"email": redact_hash}, hash_key=b"key", hash_key_id="k")
    hashed = policy.apply({"email": "a@b.c"})["email"]
    assert hashed.startswith("h:k:")
    assert policy.apply("mail a@b.c") == f"mail {hashed}"
    assert policy.apply_text("email=a@b.c") == f"email={hashed}"
    assert policy.apply(Model()) == {"marked": hashed}


def test_in_place() -> None:
    inner = {"email": "x"}
    payload: dict[str, Any] = {"email": "a", "n": 1, "inner": inner, "list": [{"email": "b"}]}
    apply_field_redactors(payload, {"email": redact_mask})
    assert payload == {
        "email": "***",
        "n": 1,
        "inner": {"email": "***"},
        "list": [{"email": "***"}],
    }
    assert inner == {"email": "x"}


def test_in_place_fails_closed() -> None:
    class Hostile(dict[str, Any]):
        def items(self) -> Any:
            raise RuntimeError("no")

    payload = Hostile(a="canary")
    apply_field_redactors(payload, RedactionPolicy(on_error=lambda where: None))
    assert dict.__len__(payload) == 0


def test_redact_fields_is_a_copy() -> None:
    payload = {"email": "a", "list": [1, {"email": "b"}]}
    assert redact_fields(payload, {"email": redact_mask}) == {
        "email": "***",
        "list": [1, {"email": "***"}],
    }
    assert payload == {"email": "a", "list": [1, {"email": "b"}]}
    assert redact_fields([{"token": 1}], None) == [{"token": "[REDACTED]"}]


def test_apply_rules_keeps_data_as_it_is() -> None:
    policy = RedactionPolicy({"email": redact_mask})
    marker = object()
    data = {"email": "a", "n": marker, "text": "email=a", "t": (1, {"email": "b"})}
    assert policy.apply_rules(data) == {
        "email": "***",
        "n": marker,
        "text": "email=a",
        "t": (1, {"email": "***"}),
    }


def test_threads_share_a_policy() -> None:
    policy = RedactionPolicy({"a.b": redact_mask}, max_items=5000)
    value = {f"k{i}": {"a": {"b": i}} for i in range(500)}
    expected = {f"k{i}": {"a": {"b": "***"}} for i in range(500)}
    results: list[Any] = []
    threads = [
        threading.Thread(target=lambda: results.append(policy.apply(value))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [expected] * 8


CANARY = "canary-7f3a9c"


class Model(BaseModel):
    email: Any = None
    other: Any = None


@dataclasses.dataclass
class Data:
    email: Any = None
    other: Any = None


class Unprintable:
    def __str__(self) -> str:
        raise RuntimeError(CANARY)


def chained(text: str) -> Exception:
    error = ValueError(f"email={text}")
    error.__cause__ = KeyError(text)
    return error


LEAVES: st.SearchStrategy[Any] = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.binary(max_size=5)
    | st.builds(Unprintable)
    | st.dates()
    | st.uuids()
)
PLANTED: st.SearchStrategy[Any] = st.sampled_from(
    [
        CANARY,
        CANARY.encode(),
        [CANARY],
        {CANARY},
        {CANARY: 1},
        (CANARY, 1),
        Model(other=CANARY),
        Data(other=CANARY),
        SecretStr(CANARY),
        Secret(CANARY),
        KeyError(CANARY),
    ]
)
NAMES = st.sampled_from(["email", "E-Mail", "user.email", "eMail", "access_token", "Set-Cookie"])
RULED: st.SearchStrategy[Any] = (
    st.builds(lambda name, value: {name: value}, NAMES, PLANTED)
    | st.builds(lambda value: Model(email=value), PLANTED)
    | st.builds(lambda value: Data(email=value), PLANTED)
    | st.just(chained(CANARY))
    | st.just({f"email={CANARY}": 1})
    | st.just({f"email={CANARY}"})
    | st.just(f'text {{"email": "{CANARY}"}} and token={CANARY}')
    | st.just(("cookie", CANARY))
    | st.just(Secret(CANARY))
)


def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner, inner)
        | st.dictionaries(st.text(max_size=5) | st.integers(), inner, max_size=4)
        | st.builds(lambda value: Model(other=value), inner)
        | st.builds(lambda value: Data(other=value), inner)
    )


@given(st.recursive(LEAVES | RULED, nested, max_leaves=20))
def test_no_planted_value_survives(value: Any) -> None:
    policy = RedactionPolicy({"email": redact_drop})
    shown = policy.apply(value, where="test")
    text = json.dumps(shown, allow_nan=False)
    assert CANARY not in text
    assert policy.apply(shown) == shown
    assert RedactionPolicy.coerce({"email": redact_drop}).apply(value) == shown
    assert redact_fields(value, {"email": redact_drop}) == shown


@given(st.recursive(LEAVES, nested, max_leaves=20))
def test_with_mask_too_applying_twice_is_applying_once(value: Any) -> None:
    policy = RedactionPolicy({"email": redact_mask, "a": redact_mask})
    shown = policy.apply(value)
    assert policy.apply(shown) == shown


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(JSON)
def test_json_without_secrets_stays_the_same(value: Any) -> None:
    before = json.dumps(value)
    assert RedactionPolicy.none().apply(value) == value
    assert json.dumps(value) == before
