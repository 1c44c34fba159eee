import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic.http.conditional import (
    entity_tags,
    etag_of,
    is_fresh,
    matches_strongly,
    matches_weakly,
    require_match,
)
from mic.http.request_context import HttpRequestContext
from mic.model import PreconditionFailedError, PreconditionRequiredError

OPAQUE = st.text(
    st.sampled_from([chr(c) for c in (0x21, *range(0x23, 0x7F), *range(0x80, 0x100))]), max_size=8
)


def asked(name: str, value: str) -> HttpRequestContext:
    return HttpRequestContext(headers={name: value})


class TestEtagOf:
    def test_an_integer_is_the_tag_itself(self) -> None:
        assert etag_of(42) == '"42"'
        assert etag_of(-1) == '"-1"'

    def test_content_is_a_digest_that_is_the_same_everywhere(self) -> None:
        assert etag_of(b"hello") == '"2cf24dba5fb0a30e26e83b2ac5b9e29e"'
        assert etag_of("hello") == etag_of(b"hello")

    def test_text_counts_as_utf_8(self) -> None:
        assert etag_of("ü") == etag_of("ü".encode())

    def test_text_of_digits_is_content_and_no_version(self) -> None:
        assert etag_of("42") != etag_of(42)

    @given(st.binary() | st.text(st.characters()) | st.integers())
    def test_every_tag_is_strong_and_matches_itself(self, value: bytes | str | int) -> None:
        tag = etag_of(value)
        assert entity_tags(tag) == [(False, tag)]
        assert matches_strongly(tag, tag)


class TestEntityTags:
    @pytest.mark.parametrize(
        ("field", "tags"),
        [
            ('"a"', [(False, '"a"')]),
            ('W/"a"', [(True, '"a"')]),
            ('"a", W/"b" ,"c"', [(False, '"a"'), (True, '"b"'), (False, '"c"')]),
            ('"a,b"', [(False, '"a,b"')]),
            ('""', [(False, '""')]),
            ('"\xfc"', [(False, '"\xfc"')]),
            (',, "a",,', [(False, '"a"')]),
            ('\t"a"\t', [(False, '"a"')]),
            ("", []),
            ("  ", []),
            (",", []),
        ],
    )
    def test_reads_a_list(self, field: str, tags: list[tuple[bool, str]]) -> None:
        assert entity_tags(field) == tags

    @pytest.mark.parametrize(
        "field",
        ["a", '"a', 'a"', '"a" "b"', '"a"x', 'w/"a"', 'W/ "a"', '"a b"', '"a", b', "*", '"\x7f"'],
    )
    def test_a_malformed_list_holds_nothing(self, field: str) -> None:
        assert entity_tags(field) == []

    @given(st.lists(st.tuples(st.booleans(), OPAQUE)))
    def test_gives_back_what_was_written(self, tags: list[tuple[bool, str]]) -> None:
        field = ", ".join(f'{"W/" * weak}"{opaque}"' for weak, opaque in tags)
        assert entity_tags(field) == [(weak, f'"{opaque}"') for weak, opaque in tags]

    @given(st.text(alphabet='"W/, \t*ab'))
    def test_no_value_breaks_it(self, field: str) -> None:
        for _, tag in entity_tags(field):
            assert tag in field

    def test_is_linear(self) -> None:
        assert entity_tags('"' * 200_000) == []
        assert entity_tags("," * 200_000 + "x") == []
        assert entity_tags(" " * 200_000 + "x") == []


class TestIsFresh:
    @pytest.mark.parametrize(
        ("field", "fresh"),
        [
            ('"v1"', True),
            ('W/"v1"', True),
            ('"v0", "v1"', True),
            ("*", True),
            (" * ", True),
            ('"v2"', False),
            ("v1", False),
            ('"v1" garbage', False),
            ("", False),
        ],
    )
    def test_compares_weakly(self, field: str, fresh: bool) -> None:
        assert is_fresh(asked("if-none-match", field), '"v1"') is fresh
        assert is_fresh(asked("if-none-match", field), 'W/"v1"') is fresh

    def test_without_the_header_nothing_is_fresh(self) -> None:
        assert not is_fresh(HttpRequestContext(), '"v1"')

    def test_finds_the_header_in_any_case(self) -> None:
        assert is_fresh(asked("If-None-Match", '"v1"'), '"v1"')

    @pytest.mark.parametrize("etag", ["v1", "", '"v', "*", '"v1", "v2"'])
    def test_refuses_what_is_no_tag(self, etag: str) -> None:
        with pytest.raises(ValueError, match="is not an entity tag"):
            is_fresh(HttpRequestContext(), etag)


class TestRequireMatch:
    @pytest.mark.parametrize("field", ['"v1"', '"v0", "v1"', "*"])
    def test_passes_what_matches_strongly(self, field: str) -> None:
        assert matches_strongly(field, '"v1"')
        require_match(asked("if-match", field), '"v1"', required=True)

    @pytest.mark.parametrize("field", ['"v2"', 'W/"v1"', "v1", "", '"v1" garbage'])
    def test_refuses_everything_else(self, field: str) -> None:
        with pytest.raises(PreconditionFailedError, match="does not hold") as caught:
            require_match(asked("if-match", field), '"v1"')
        assert caught.value.code == "http.precondition_failed"
        assert caught.value.http_status_code == 412

    def test_a_weak_tag_of_our_own_never_matches(self) -> None:
        assert matches_weakly('W/"v1"', 'W/"v1"')
        with pytest.raises(PreconditionFailedError, match="does not hold"):
            require_match(asked("if-match", 'W/"v1"'), 'W/"v1"')

    def test_an_absent_header_is_refused_where_it_is_required(self) -> None:
        with pytest.raises(PreconditionRequiredError, match="If-Match") as caught:
            require_match(HttpRequestContext(), '"v1"', required=True)
        assert caught.value.code == "http.precondition_required"
        assert caught.value.http_status_code == 428

    def test_an_absent_header_passes_otherwise(self) -> None:
        absent = HttpRequestContext()
        require_match(absent, '"v1"')
        assert absent.header("if-match") is None

    def test_refuses_what_is_no_tag(self) -> None:
        with pytest.raises(ValueError, match="is not an entity tag"):
            require_match(HttpRequestContext(), "v1")
