"""Which rule a name has."""

import fnmatch
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic.redaction import SECRET_NAMES, redact_drop, redact_hash, redact_mask
from mic.redaction._names import RuleSet, _matches, checked_rules, drop_rules, normalized


def found(rules: list[str], name: str, path: str | None = None) -> bool:
    key = normalized(name)
    where = normalized(path) if path is not None else key
    return RuleSet(dict.fromkeys(rules, redact_drop)).find(key, where) is not None


@pytest.mark.parametrize(
    "name", ["access_token", "accessToken", "Access-Token", "ACCESS TOKEN", "x.access_token"]
)
def test_spellings_of_a_name(name: str) -> None:
    for rule in ("access_token", "accessToken", "ACCESS-TOKEN"):
        assert found([rule], name)
    assert not found(["access_token"], f"{name}s")


def test_secret_names_are_written_as_they_are_compared() -> None:
    assert {normalized(name) for name in SECRET_NAMES} == SECRET_NAMES
    assert len(SECRET_NAMES) == 20


@pytest.mark.parametrize(
    ("rule", "name", "path", "matches"),
    [
        ("email", "email", "user.email", True),
        ("email", "user.email", "user.email", True),
        ("email", "email.verified", "email.verified", False),
        ("user.email", "email", "user.email", True),
        ("user.email", "email", "app.user.email", True),
        ("user.email", "user.email", "user.email", True),
        ("user.email", "email", "email", False),
        ("user.email", "email", "superuser.email", False),
        ("user.email", "email", "user.home.email", False),
        ("a.b.c", "b.c", "a.b.c", True),
        ("*token*", "mytokenvalue", "mytokenvalue", True),
        ("*token*", "x.mytokens", "x.mytokens", True),
        ("card*", "card_no", "user.card_no", True),
        ("card*", "discard", "discard", False),
        ("user*mail", "user.home.mail", "user.home.mail", True),
        ("http.header.*", "http.header.x", "http.header.x", True),
        ("http.header.*", "x", "app.http.header.x", True),
        ("http.header.*", "http.header", "http.header", False),
        ("http.header.*", "xhttp.header.y", "xhttp.header.y", False),
        ("*.email", "email", "user.email", True),
        ("*.email", "user.email", "user.email", True),
        ("*", "anything", "anything", True),
    ],
)
def test_matching(rule: str, name: str, path: str, matches: bool) -> None:
    assert found([rule], name, path) is matches


def test_the_most_specific_rule_wins() -> None:
    rules = RuleSet(
        {"e*": redact_drop, "email": redact_mask, "email2": redact_hash, "user.email": redact_hash}
    )
    assert rules.find("email", "user.email") is redact_hash
    assert rules.find("email", "other.email") is redact_mask
    assert rules.find("else", "else") is redact_drop
    assert rules.find("x", "x") is None


def test_paths_are_needed_only_for_rules_with_dots() -> None:
    assert not RuleSet({"a": redact_drop, "b*": redact_drop}).has_paths
    assert RuleSet({"a.b": redact_drop}).has_paths
    assert RuleSet({"a.*": redact_drop}).has_paths


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("db.statement", "db.query.text"),
        ("http.url", "url.full"),
        ("http.target", "url.path"),
        ("http.target", "url.query"),
        ("http.user_agent", "user_agent.original"),
        ("net.peer.ip", "client.address"),
        ("net.peer.ip", "network.peer.address"),
        ("enduser.id", "user.id"),
    ],
)
def test_renamed_attributes_are_covered(old: str, new: str) -> None:
    assert found([old], new)
    assert not found([new], old)
    rules = RuleSet({old: redact_drop, new: redact_mask})
    assert rules.find(normalized(new), normalized(new)) is redact_mask


GLOB = st.text(alphabet="ab*", max_size=8)


@given(glob=GLOB.filter(lambda text: "*" in text), text=st.text(alphabet="ab", max_size=10))
def test_globs_are_those_of_the_shell(glob: str, text: str) -> None:
    matches = _matches(tuple(glob.split("*")), text, anywhere=False)
    assert matches is fnmatch.fnmatchcase(text, glob)


def test_a_glob_is_decided_without_backtracking() -> None:
    # Sixty stars over a long text would not end if every split were tried.
    assert not _matches(tuple(("a*" * 60 + "b").split("*")), "a" * 100_000, anywhere=False)


@pytest.mark.parametrize(
    ("rules", "error", "match"),
    [
        ({5: redact_drop}, TypeError, "name of a redaction rule must be a string"),
        ({"a": "text"}, TypeError, "the redactor of 'a' must be callable"),
        ({"": redact_drop}, ValueError, "must not be empty"),
        ({"_- ": redact_drop}, ValueError, "must not be empty"),
    ],
)
def test_malformed_rules_are_refused(rules: Any, error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        checked_rules(rules)


def test_names_are_a_collection() -> None:
    assert drop_rules(["a"]) == {"a": redact_drop}
    with pytest.raises(TypeError, match="not one string"):
        drop_rules("token")
    wrong: Any = [5]
    with pytest.raises(TypeError, match="must be a string"):
        drop_rules(wrong)
