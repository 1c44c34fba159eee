"""`mic.http.csrf`: which requests may be forged."""

import base64
import hashlib
import hmac
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic.http import csrf
from mic.http.csrf import (
    CsrfDecision,
    CsrfPolicy,
    csrf_cookie,
    evaluate_csrf,
    issue_csrf_token,
)

AUTH = {"access_token": "a"}
GOOD: dict[str, Any] = {
    "headers": {"x-csrf-token": "t"},
    "cookies": {**AUTH, "csrf_token": "t"},
}
SIGNED = CsrfPolicy(secret="s3cret", session_cookie="sid")


def evaluate(**options: Any) -> tuple[str, str | None]:
    values = {"method": "POST", "path": "/x", "headers": {}, "cookies": {}, **options}
    decision = evaluate_csrf(**values)
    return decision.outcome, decision.reason


def signed(token: str, *, sent: str | None = None, session: str = "s1") -> tuple[str, str | None]:
    cookies = {**AUTH, "csrf_token": token, "sid": session}
    headers = {"X-CSRF-Token": token if sent is None else sent}
    return evaluate(policy=SIGNED, headers=headers, cookies=cookies)


def test_the_published_defaults() -> None:
    assert csrf.DEFAULT_CSRF_HEADER == "X-CSRF-Token"
    assert csrf.DEFAULT_CSRF_COOKIE == "csrf_token"
    assert csrf.DEFAULT_AUTH_COOKIES == ("access_token", "refresh_token")
    assert frozenset({"POST", "PUT", "PATCH", "DELETE"}) == csrf.DEFAULT_PROTECTED_METHODS
    assert CsrfPolicy().csrf_header == "X-CSRF-Token"
    assert CsrfDecision("proceed").reason is None


def test_the_order_of_the_decisions() -> None:
    assert evaluate(method="GET", **GOOD) == ("exempt", "method_not_protected")
    policy = CsrfPolicy(exempt_paths={"/x"})
    assert evaluate(policy=policy, cookies=AUTH) == ("exempt", "path_exempt")
    cross = {"sec-fetch-site": "cross-site"}
    assert evaluate(headers=cross) == ("exempt", "no_cookie_auth")
    assert evaluate(headers=cross, cookies=AUTH) == ("reject", "cross_site")
    assert evaluate(cookies=AUTH) == ("reject", "missing_token")
    cookies = {**AUTH, "csrf_token": "other"}
    assert evaluate(headers={"X-Csrf-Token": "t"}, cookies=cookies) == ("reject", "token_mismatch")
    assert evaluate(**GOOD) == ("proceed", None)


@pytest.mark.parametrize("method", ["post", "PUT", "Patch", "DELETE"])
def test_a_method_that_changes_something_is_protected(method: str) -> None:
    assert evaluate(method=method, cookies=AUTH) == ("reject", "missing_token")


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "TRACE", "PROPFIND"])
def test_others_are_not(method: str) -> None:
    assert evaluate(method=method, cookies=AUTH) == ("exempt", "method_not_protected")


@pytest.mark.parametrize(
    ("path", "exempt"),
    [
        ("/auth", True),
        ("/auth/", True),
        ("/auth/login", True),
        ("/authority", False),
        ("/auth.json", False),
        ("/AUTH", False),
        ("/auth/../admin", False),
        ("/auth/..", False),
        ("/auth/./x", False),
        ("/hooks/a", True),
        ("/hooks", True),
        ("/exact", True),
        ("/exact/", False),
        ("/x", False),
    ],
)
def test_an_exempt_prefix_ends_at_a_segment(path: str, exempt: bool) -> None:
    policy = CsrfPolicy(exempt_prefixes=("/auth", "/hooks/"), exempt_paths=["/exact"])
    expected = ("exempt", "path_exempt") if exempt else ("reject", "missing_token")
    assert evaluate(path=path, cookies=AUTH, policy=policy) == expected


def test_the_root_as_a_prefix_exempts_everything() -> None:
    policy = CsrfPolicy(exempt_prefixes=["/"])
    assert evaluate(path="/any/thing", cookies=AUTH, policy=policy) == ("exempt", "path_exempt")


def test_a_request_without_credentials_of_the_browser_is_exempt() -> None:
    assert evaluate(cookies={"theme": "dark"}) == ("exempt", "no_cookie_auth")
    assert evaluate(cookies={"access_token": ""}) == ("exempt", "no_cookie_auth")
    assert evaluate(cookies={"refresh_token": "r"}) == ("reject", "missing_token")
    assert evaluate(headers={"authorization": "Bearer x"}, cookies=AUTH)[0] == "reject"


def test_a_token_has_to_be_in_both_places() -> None:
    assert evaluate(headers={"x-csrf-token": "t"}, cookies=AUTH) == ("reject", "missing_token")
    assert evaluate(cookies={**AUTH, "csrf_token": "t"}) == ("reject", "missing_token")
    empty = {**AUTH, "csrf_token": ""}
    assert evaluate(headers={"x-csrf-token": ""}, cookies=empty) == ("reject", "missing_token")


def test_a_cookie_that_comes_twice_is_not_believed() -> None:
    policy = CsrfPolicy()
    headers = {"x-csrf-token": "t"}
    once = policy.judge(headers, {"access_token": ["a", "b"], "csrf_token": ["t", "t"]})
    assert once.outcome == "proceed"
    twice = policy.judge(headers, {"access_token": ["a"], "csrf_token": ["t", "u"]})
    assert twice == CsrfDecision("reject", "token_mismatch")
    second = policy.judge({}, {"access_token": ["", "b"]})
    assert second == CsrfDecision("reject", "missing_token")
    token = issue_csrf_token(secret="s3cret", session_id="s1")
    cookies = {"access_token": ["a"], "csrf_token": [token], "sid": ["s1", "s2"]}
    decision = SIGNED.judge({"x-csrf-token": token}, cookies)
    assert decision == CsrfDecision("reject", "token_mismatch")


class TestOrigin:
    def headers(self, **values: str) -> dict[str, str]:
        return {"X-CSRF-Token": "t", **{k.replace("_", "-"): v for k, v in values.items()}}

    def judged(self, policy: CsrfPolicy | None = None, **values: str) -> tuple[str, str | None]:
        return evaluate(
            policy=policy, headers=self.headers(**values), cookies={**AUTH, "csrf_token": "t"}
        )

    def test_cross_site_with_a_stolen_token_is_refused(self) -> None:
        evil: Any = {"Sec_Fetch_Site": "cross-site", "Origin": "https://evil.example"}
        assert self.judged(**evil) == ("reject", "cross_site")
        assert self.judged(CsrfPolicy(check_fetch_metadata=False), **evil) == ("proceed", None)

    @pytest.mark.parametrize("site", ["same-origin", "same-site", "none", ""])
    def test_a_neighbouring_subdomain_with_its_token_passes(self, site: str) -> None:
        values: Any = {"Sec_Fetch_Site": site, "Origin": "https://app.example.com"}
        assert self.judged(Host="api.example.com", **values) == ("proceed", None)

    def test_a_trusted_origin_may_be_cross_site(self) -> None:
        policy = CsrfPolicy(trusted_origins=["https://App.Example.com/"])
        values: Any = {"Sec_Fetch_Site": "cross-site", "Origin": "https://app.example.com"}
        assert self.judged(policy, **values) == ("proceed", None)
        values["Origin"] = "https://app.example.com.evil.example"
        assert self.judged(policy, **values) == ("reject", "cross_site")

    @pytest.mark.parametrize(
        ("origin", "host", "own"),
        [
            ("https://api.example.com", "api.example.com", True),
            ("https://api.example.com", "API.example.com:443", True),
            ("https://api.example.com:443", "api.example.com", True),
            ("http://api.example.com", "api.example.com:80", True),
            ("http://api.example.com:8080", "api.example.com:8080", True),
            ("http://api.example.com:8080", "api.example.com", False),
            ("https://api.example.com", "api.example.com:80", False),
            ("https://evil.example", "api.example.com", False),
            ("null", "api.example.com", False),
            ("https://api.example.com", "", False),
            ("https://u@api.example.com", "api.example.com", False),
            ("chrome-extension://abc", "abc", True),
        ],
    )
    def test_with_trusted_origins_only_they_and_its_own_may_send(
        self, origin: str, host: str, own: bool
    ) -> None:
        policy = CsrfPolicy(trusted_origins=("https://app.example.com",))
        expected = ("proceed", None) if own else ("reject", "cross_site")
        assert self.judged(policy, Origin=origin, Host=host) == expected

    def test_without_an_origin_the_token_decides(self) -> None:
        policy = CsrfPolicy(trusted_origins=("https://app.example.com",))
        assert self.judged(policy, Host="api.example.com") == ("proceed", None)
        assert evaluate(policy=policy, **GOOD) == ("proceed", None)


class TestSignedTokens:
    def test_is_what_the_documentation_says(self) -> None:
        token = issue_csrf_token(secret="s3cret", session_id="s1")
        version, nonce, mac = token.split(".")
        digest = hmac.new(b"s3cret", b"s1\0" + nonce.encode(), hashlib.sha256).digest()
        assert version == "v1"
        assert mac == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        assert len(nonce) >= 22
        assert issue_csrf_token(secret="s3cret", session_id="s1") != token

    def test_is_good_for_its_session_only(self) -> None:
        token = issue_csrf_token(secret="s3cret", session_id="s1")
        assert signed(token) == ("proceed", None)
        assert signed(token, session="s2") == ("reject", "token_mismatch")
        assert signed(token, session="") == ("reject", "token_mismatch")
        other = issue_csrf_token(secret="guess", session_id="s1")
        assert signed(other) == ("reject", "token_mismatch")
        assert signed(token, sent=other) == ("reject", "token_mismatch")

    @given(token=st.text(max_size=60))
    def test_nothing_else_is_good(self, token: str) -> None:
        assert signed(token or "x")[0] == "reject"

    @pytest.mark.parametrize("token", ["v1", "v1.", "v1..", "v2.n.m", "v1.n", "x" * 300])
    def test_a_malformed_one_is_refused(self, token: str) -> None:
        assert signed(token) == ("reject", "token_mismatch")

    def test_an_empty_nonce_and_another_version_are_refused_even_when_signed(self) -> None:
        def mac(nonce: str) -> str:
            digest = hmac.new(b"s3cret", b"s1\0" + nonce.encode(), hashlib.sha256).digest()
            return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

        assert signed(f"v1.n.{mac('n')}") == ("proceed", None)
        assert signed(f"v1..{mac('')}") == ("reject", "token_mismatch")
        assert signed(f"v2.n.{mac('n')}") == ("reject", "token_mismatch")
        longest = "n" * (256 - len(f"v1..{mac('')}"))
        assert signed(f"v1.{longest}.{mac(longest)}") == ("proceed", None)
        nonce = f"{longest}n"
        assert signed(f"v1.{nonce}.{mac(nonce)}") == ("reject", "token_mismatch")

    @pytest.mark.parametrize(("secret", "session"), [("", "s"), ("s", "")])
    def test_needs_a_secret_and_a_session(self, secret: str, session: str) -> None:
        with pytest.raises(ValueError, match="needs a secret and a session"):
            issue_csrf_token(secret=secret, session_id=session)


def test_the_cookie_can_be_read_by_scripts_of_the_site() -> None:
    cookie = csrf_cookie("t")
    assert cookie.header_value() == "csrf_token=t; Path=/; SameSite=lax; Secure"
    assert csrf_cookie("t", policy=CsrfPolicy(csrf_cookie="xsrf")).key == "xsrf"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"csrf_header": "a b"}, "is not a header or cookie name"),
        ({"csrf_cookie": ""}, "is not a header or cookie name"),
        ({"auth_cookies": ("a;b",)}, "is not a header or cookie name"),
        ({"exempt_prefixes": ("",)}, "would exempt everything"),
        ({"secret": "s"}, "needs session_cookie"),
        ({"secret": "", "session_cookie": "sid"}, "must not be empty"),
        ({"trusted_origins": ("app.example.com",)}, "is not an origin"),
        ({"trusted_origins": ("https://a/b",)}, "is not an origin"),
        ({"trusted_origins": ("*",)}, "is not an origin"),
    ],
)
def test_refuses_a_policy_that_protects_nothing(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        CsrfPolicy(**options)


@pytest.mark.parametrize(
    "name",
    ["auth_cookies", "protected_methods", "exempt_paths", "exempt_prefixes", "trusted_origins"],
)
def test_one_text_is_no_collection(name: str) -> None:
    with pytest.raises(TypeError, match=f"{name} must be a collection of texts"):
        CsrfPolicy(**{name: "/auth"})  # type: ignore[arg-type]  # the mistake under test


def test_a_policy_can_be_a_key_and_does_not_show_its_secret() -> None:
    assert {SIGNED: 1}[CsrfPolicy(secret="s3cret", session_cookie="sid")] == 1
    assert "s3cret" not in repr(SIGNED)


def test_text_that_is_no_unicode_does_not_break_the_comparison() -> None:
    headers, cookies = {"x-csrf-token": "\ud800"}, {**AUTH, "csrf_token": "\ud801"}
    assert evaluate(headers=headers, cookies=cookies) == ("reject", "token_mismatch")
