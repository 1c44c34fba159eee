import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic.http._templates import PATTERNS, parse_template


def test_a_template_knows_its_names_and_shape() -> None:
    template = parse_template("/a/{x}/b/{y:int}/{rest:path}")
    assert template.names == ("x", "y", "rest")
    assert template.shape == "a/{str}/b/{int}/{path}"


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("items", "must begin with '/'"),
        ("/a\n", "control characters"),
        ("/{a}x", "fills its whole segment"),
        ("/{}", "fills its whole segment"),
        ("/a}", "fills its whole segment"),
        ("/{a:date}", "kind must be one of"),
        ("/{a:path}/b", "must come last"),
        ("/{a}/{a:int}", "given twice: a"),
    ],
)
def test_a_bad_template_says_what_is_wrong(path: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_template(path)


@pytest.mark.parametrize(
    ("template", "values", "path"),
    [
        ("/a/{x}", {"x": "b c/d"}, "/a/b%20c%2Fd"),
        ("/a/{x:int}", {"x": 7}, "/a/7"),
        ("/a/{x:path}", {"x": "b/c d"}, "/a/b/c%20d"),
        ("/é b", {}, "/%C3%A9%20b"),
        ("/", {}, "/"),
    ],
)
def test_a_path_is_written_percent_encoded(
    template: str, values: dict[str, object], path: str
) -> None:
    assert parse_template(template).fill(values) == path


@pytest.mark.parametrize(
    ("template", "values", "reason"),
    [
        ("/{x}", {}, r"missing parameters \['x'\]"),
        ("/{x}", {"x": 1, "y": 2}, r"unknown parameters \['y'\]"),
        ("/{x:int}", {"x": "one"}, "'x' does not fit {x:int}"),
        ("/{x}", {"x": ""}, "'x' does not fit"),
        ("/{x:path}", {"x": "/a"}, "'x' does not fit"),
    ],
)
def test_a_path_is_not_written_with_wrong_values(
    template: str, values: dict[str, object], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_template(template).fill(values)


@given(st.uuids())
def test_every_uuid_fits_its_pattern(value: object) -> None:
    assert PATTERNS["uuid"].fullmatch(str(value))


@pytest.mark.parametrize("text", ["1", "1.5", "0"])
def test_floats_fit(text: str) -> None:
    assert PATTERNS["float"].fullmatch(text)


@pytest.mark.parametrize("text", ["", "1.", ".5", "1e3", "-1", "٣"])
def test_other_texts_are_no_floats(text: str) -> None:
    assert PATTERNS["float"].fullmatch(text) is None
