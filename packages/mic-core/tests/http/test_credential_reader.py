"""`mic.http._credential_reader`: what a gate's callbacks are asked about."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic.http._credential_reader import CredentialReader, bearer_token, presented_in
from mic.http.auth_gate import AuthMode, build_auth_policy
from mic.model import UnauthorizedError

POLICY = build_auth_policy(route_modes={})
SHARED = build_auth_policy(route_modes={}, service_auth_header="Authorization")
EITHER = AuthMode.AUTHENTICATED


def read(mode: AuthMode, *headers: tuple[bytes, bytes], policy: Any = POLICY) -> Any:
    return CredentialReader(policy).presented({"headers": list(headers)}, mode)


def test_a_malformed_bearer_header_counts_as_absent() -> None:
    assert bearer_token("Bearer t") == "t"
    assert bearer_token("Bearer a b") is None
    assert bearer_token(None) is None


class TestParsed:
    def test_finds_credentials(self) -> None:
        assert presented_in(EITHER, POLICY, {"access_token": " t "}, {}) == [("token", "t")]
        headers = {"AUTHORIZATION": "Bearer h", "X-Service-Auth": " s "}
        both = [("token", "h"), ("service", "s")]
        assert presented_in(EITHER, POLICY, {}, headers) == both
        cookie = presented_in(AuthMode.USER, POLICY, {"access_token": "t"}, headers)
        assert cookie == [("token", "t")]
        assert presented_in(AuthMode.SERVICE, POLICY, {}, headers) == [("service", "s")]

    def test_blank_and_malformed_ones_count_as_absent(self) -> None:
        blank = {"authorization": "Bearer a b", "x-service-auth": "  "}
        assert presented_in(EITHER, POLICY, {"access_token": " "}, blank) == []

    def test_one_header_may_serve_both_kinds(self) -> None:
        both = [("token", "h"), ("service", "Bearer h")]
        assert presented_in(EITHER, SHARED, {}, {"authorization": "Bearer h"}) == both


class TestRaw:
    def test_finds_what_the_mode_looks_at(self) -> None:
        headers = [
            (b"host", b"x"),
            (b"authorization", b"Bearer h"),
            (b"x-service-auth", b" s\t"),
        ]
        assert read(EITHER, *headers) == [("token", "h"), ("service", "s")]
        assert read(AuthMode.USER, *headers) == [("token", "h")]
        assert read(AuthMode.ADMIN, *headers) == [("token", "h")]
        assert read(AuthMode.SERVICE, *headers) == [("service", "s")]
        assert read(AuthMode.PUBLIC, *headers) == []
        assert read(EITHER) == []

    def test_the_cookie_comes_first_where_it_holds_anything(self) -> None:
        header = (b"authorization", b"Bearer h")
        assert read(EITHER, (b"cookie", b"a=1; access_token= c "), header) == [("token", "c")]
        assert read(EITHER, (b"cookie", b"access_token="), header) == [("token", "h")]
        assert read(EITHER, (b"cookie", b"other=1"), header) == [("token", "h")]
        assert read(EITHER, (b"cookie", b"other=1")) == []

    def test_the_same_cookie_may_come_twice(self) -> None:
        lines = [(b"cookie", b"access_token=c"), (b"cookie", b"x=1; access_token=c")]
        assert read(EITHER, *lines) == [("token", "c")]

    def test_a_planted_cookie_is_refused(self) -> None:
        lines = [(b"cookie", b"access_token=c"), (b"cookie", b"access_token=evil")]
        with pytest.raises(UnauthorizedError, match="not valid") as caught:
            read(EITHER, *lines)
        assert caught.value.code == "auth.invalid_credentials"

    @pytest.mark.parametrize("mode", AuthMode)
    def test_two_authorizations_are_refused_in_every_mode(self, mode: AuthMode) -> None:
        with pytest.raises(UnauthorizedError, match="more than once") as caught:
            read(mode, *[(b"authorization", b"Bearer h")] * 2)
        assert caught.value.code == "auth.ambiguous_credentials"

    def test_two_service_headers_are_refused_where_they_count(self) -> None:
        lines = [(b"x-service-auth", b"s")] * 2
        assert read(AuthMode.USER, *lines) == []
        with pytest.raises(UnauthorizedError, match="more than once"):
            read(AuthMode.SERVICE, *lines)

    def test_one_header_may_serve_both_kinds(self) -> None:
        header = (b"authorization", b"Bearer h")
        assert read(EITHER, header, policy=SHARED) == [("token", "h"), ("service", "Bearer h")]


TEXTS = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters=';,"\\'))


@given(
    mode=st.sampled_from(AuthMode),
    cookie=st.none() | TEXTS,
    authorization=st.none() | TEXTS | TEXTS.map("Bearer {}".format),
    service=st.none() | TEXTS,
)
def test_raw_and_parsed_requests_bring_the_same(
    mode: AuthMode, cookie: str | None, authorization: str | None, service: str | None
) -> None:
    headers = {"authorization": authorization, "x-service-auth": service}
    sent = {name: value for name, value in headers.items() if value is not None}
    raw = [(name.encode(), value.encode("latin-1")) for name, value in sent.items()]
    cookies = {}
    if cookie is not None:
        cookies = {"access_token": cookie}
        raw.append((b"cookie", f"access_token={cookie}".encode("latin-1")))
    assert read(mode, *raw) == presented_in(mode, POLICY, cookies, sent)
