import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic.http._file_answer import (
    FileAnswer,
    FileFacts,
    answer_for,
    content_disposition,
    guessed_type,
    with_charset,
)
from mic.model import PreconditionFailedError, RangeNotSatisfiableError

# Sun, 06 Nov 1994 08:49:37 GMT and half a second
FACTS = FileFacts(size=10, mtime_ns=784111777_500000000)
SAME = "Sun, 06 Nov 1994 08:49:37 GMT"
BEFORE = "Sun, 06 Nov 1994 08:49:36 GMT"
AFTER = "Sun, 06 Nov 1994 08:49:38 GMT"
WHOLE = FileAnswer(200, 0, 10)
UNCHANGED = FileAnswer(304, 0, 0)
PART = FileAnswer(206, 2, 3, "bytes 2-4/10")


def answer(method: str = "GET", etag: str = FACTS.etag, **asked: str) -> FileAnswer:
    request = {name.replace("_", "-"): value for name, value in asked.items()}
    return answer_for(FACTS, request, etag=etag, method=method)


class TestFacts:
    def test_validators(self) -> None:
        assert FACTS.etag == '"a-ae1b981da166f00"'
        assert FACTS.last_modified == SAME

    def test_another_length_or_nanosecond_is_another_tag(self) -> None:
        tags = {
            FACTS.etag,
            FileFacts(11, FACTS.mtime_ns).etag,
            FileFacts(10, FACTS.mtime_ns + 1).etag,
        }
        assert len(tags) == 3

    @pytest.mark.parametrize(
        ("mtime_ns", "told"),
        [
            (-1, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (10**30, "Fri, 31 Dec 9999 23:59:59 GMT"),
        ],
    )
    def test_a_time_that_no_http_date_can_tell_is_cut(self, mtime_ns: int, told: str) -> None:
        assert FileFacts(0, mtime_ns).last_modified == told


class TestPreconditions:
    def test_nothing_asked(self) -> None:
        assert answer() == WHOLE

    @pytest.mark.parametrize("moment", [SAME, AFTER, "Sunday, 06-Nov-94 08:49:37 GMT"])
    def test_not_modified_since(self, moment: str) -> None:
        assert answer(if_modified_since=moment) == UNCHANGED

    @pytest.mark.parametrize(
        "moment", [BEFORE, "", "yesterday", "0", "Sun, 99 Nov 1994 08:49:37 GMT", "9" * 5_000]
    )
    def test_modified_since_or_no_date(self, moment: str) -> None:
        assert answer(if_modified_since=moment) == WHOLE

    def test_a_date_without_a_zone_is_utc(self) -> None:
        assert answer(if_modified_since="Sun, 06 Nov 1994 08:49:37 -0000") == UNCHANGED
        assert answer(if_modified_since="Sun, 06 Nov 1994 08:49:36 -0000") == WHOLE

    @pytest.mark.parametrize("field", [FACTS.etag, f"W/{FACTS.etag}", "*", f'"x", {FACTS.etag}'])
    def test_none_match(self, field: str) -> None:
        assert answer(if_none_match=field) == UNCHANGED

    def test_none_match_wins_over_the_date(self) -> None:
        assert answer(if_none_match='"x"', if_modified_since=AFTER) == WHOLE
        assert answer(if_none_match=FACTS.etag, if_modified_since=BEFORE) == UNCHANGED

    @pytest.mark.parametrize("method", ["GET", "HEAD"])
    @pytest.mark.parametrize("field", ['"x"', f"W/{FACTS.etag}", "garbage"])
    def test_match_fails(self, field: str, method: str) -> None:
        with pytest.raises(PreconditionFailedError, match="precondition"):
            answer(method, if_match=field)

    def test_match_holds(self) -> None:
        assert answer(if_match=FACTS.etag) == WHOLE
        assert answer(if_match="*") == WHOLE

    def test_match_wins_over_the_date(self) -> None:
        assert answer(if_match=FACTS.etag, if_unmodified_since=BEFORE) == WHOLE

    def test_unmodified_since_fails(self) -> None:
        with pytest.raises(PreconditionFailedError, match="precondition"):
            answer(if_unmodified_since=BEFORE)

    @pytest.mark.parametrize("moment", [SAME, AFTER, "yesterday"])
    def test_unmodified_since_holds_or_is_no_date(self, moment: str) -> None:
        assert answer(if_unmodified_since=moment) == WHOLE

    def test_match_comes_before_none_match(self) -> None:
        with pytest.raises(PreconditionFailedError, match="precondition"):
            answer(if_match='"x"', if_none_match=FACTS.etag)

    def test_an_own_tag_is_the_one_compared(self) -> None:
        assert answer(etag='"own"', if_none_match='"own"') == UNCHANGED
        assert answer(etag='"own"', if_none_match=FACTS.etag) == WHOLE

    def test_other_methods_have_done_their_work(self) -> None:
        assert answer("POST", if_match='"x"', if_none_match="*", range="bytes=2-4") == WHOLE


class TestRange:
    def test_a_part(self) -> None:
        assert answer(range="bytes=2-4") == PART

    def test_not_modified_wins(self) -> None:
        assert answer(range="bytes=2-4", if_none_match=FACTS.etag) == UNCHANGED

    def test_several_parts_are_the_whole(self) -> None:
        assert answer(range="bytes=0-1,3-4") == WHOLE

    def test_head_has_no_ranges(self) -> None:
        assert answer("HEAD", range="bytes=2-4") == WHOLE
        assert answer("HEAD", range="bytes=99-") == WHOLE

    def test_past_the_end(self) -> None:
        with pytest.raises(RangeNotSatisfiableError, match="past the end") as caught:
            answer(range="bytes=10-")
        assert caught.value.code == "http.range_not_satisfiable"
        assert caught.value.headers == {"Content-Range": "bytes */10"}

    @pytest.mark.parametrize("field", [FACTS.etag, SAME])
    def test_if_range_of_the_same_file(self, field: str) -> None:
        assert answer(range="bytes=2-4", if_range=field) == PART

    @pytest.mark.parametrize("field", ['"x"', f"W/{FACTS.etag}", BEFORE, AFTER, "garbage", "", "*"])
    def test_if_range_of_another_file(self, field: str) -> None:
        assert answer(range="bytes=2-4", if_range=field) == WHOLE
        assert answer(range="bytes=99-", if_range=field) == WHOLE


class TestContentDisposition:
    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("report.pdf", 'attachment; filename="report.pdf"'),
            ("a b (1).txt", 'attachment; filename="a b (1).txt"'),
            ("ü.txt", "attachment; filename=\"_.txt\"; filename*=UTF-8''%C3%BC.txt"),
            ('a"b.txt', "attachment; filename=\"a_b.txt\"; filename*=UTF-8''a%22b.txt"),
            ("50%.txt", "attachment; filename=\"50_.txt\"; filename*=UTF-8''50%25.txt"),
            ("../../etc/passwd", 'attachment; filename=".._.._etc_passwd"'),
            ("a\\b", 'attachment; filename="a_b"'),
            ("a\r\nX: y", 'attachment; filename="a__X: y"'),
            ("\udcff", 'attachment; filename="?"'),
            ("", "attachment"),
        ],
    )
    def test_values(self, name: str, value: str) -> None:
        assert content_disposition("attachment", name) == value

    def test_inline(self) -> None:
        assert content_disposition("inline", "a.pdf") == 'inline; filename="a.pdf"'

    @given(st.text(st.characters()))
    def test_no_name_breaks_out(self, name: str) -> None:
        value = content_disposition("attachment", name)
        match = re.fullmatch(
            r'attachment(?:; filename="([^"\\/%\x00-\x1f\x7f-\U0010ffff]+)")?'
            r"(?:; filename\*=UTF-8''([A-Za-z0-9!#$&+.^_`|~%-]+))?",
            value,
        )
        assert match is not None
        if match[2] is not None:
            assert re.search(r"[/\\\x00-\x1f]", unquote(match[2])) is None


class TestTypes:
    @pytest.mark.parametrize(
        ("name", "media_type"),
        [
            ("a.txt", "text/plain"),
            ("a.PDF", "application/pdf"),
            ("a.json", "application/json"),
            ("a.tar.gz", "application/gzip"),
            ("a.csv.bz2", "application/x-bzip2"),
            ("a.txt.xz", "application/x-xz"),
            ("a", "application/octet-stream"),
            ("", "application/octet-stream"),
            ("data:text/html,x", "application/octet-stream"),
            ("a.no-such-type", "application/octet-stream"),
        ],
    )
    def test_guess(self, name: str, media_type: str) -> None:
        assert guessed_type(name) == media_type

    @pytest.mark.parametrize(
        ("media_type", "sent"),
        [
            ("text/plain", "text/plain; charset=utf-8"),
            ("TEXT/html", "TEXT/html; charset=utf-8"),
            ("text/plain; Charset=latin-1", "text/plain; Charset=latin-1"),
            ("application/json", "application/json"),
        ],
    )
    def test_text_says_that_it_is_utf_8(self, media_type: str, sent: str) -> None:
        assert with_charset(media_type) == sent
