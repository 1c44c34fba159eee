import pytest

from mic.auth._scopes import checked_scopes, is_scope, parse_scope


@pytest.mark.parametrize("text", ["a", "items:read", "a.b/c_d-e", "0", "x" * 128])
def test_scopes(text: str) -> None:
    assert is_scope(text)


@pytest.mark.parametrize("text", ["", "*", ":a", "a b", "a*", "é", "x" * 129, "a\n", None, 1])
def test_no_scopes(text: object) -> None:
    assert not is_scope(text)


def test_the_claim() -> None:
    assert parse_scope("a b:c") == ("a", "b:c")
    many = " ".join(f"s{number}" for number in range(64))
    assert len(parse_scope(many) or ()) == 64
    for wrong in ("", " ", "a  b", "a ", " a", "a\tb", "a a", f"{many} more", ["a"], None, 1):
        assert parse_scope(wrong) is None


def test_the_parameter() -> None:
    assert checked_scopes(["a", "b"], "X: y") == ("a", "b")
    with pytest.raises(TypeError, match="X: y must be a collection of scopes, not one string"):
        checked_scopes("read", "X: y")
    for wrong in (["a", "a"], ["a b"], [""], [f"s{number}" for number in range(65)]):
        with pytest.raises(ValueError, match="X: y must be at most 64 different scopes"):
            checked_scopes(wrong, "X: y")
