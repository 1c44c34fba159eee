"""`mic.http.middleware.csrf`: forged requests do not reach the app."""

from typing import Any

import pytest

from mic.http.csrf import CsrfDecision, CsrfPolicy, issue_csrf_token
from mic.http.middleware import CsrfMiddleware
from mic.http.request_context import HttpRequestContext
from mic.http.responses import HttpResponseSpec

AUTH = ("cookie", "access_token=a")
TOKEN = ("cookie", "csrf_token=t")
SENT = ("x-csrf-token", "t")


async def ok(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("GET", [AUTH]),
        ("POST", []),
        ("POST", [("authorization", "Bearer x")]),
        ("POST", [("cookie", "theme=dark")]),
        ("POST", [AUTH, TOKEN, SENT]),
        ("POST", [("cookie", 'csrf_token="t"; access_token=a'), SENT]),
        ("DELETE", [AUTH, TOKEN, SENT, ("sec-fetch-site", "same-site"), ("origin", "https://a")]),
    ],
)
async def test_lets_honest_requests_pass(
    call: Any, method: str, headers: list[tuple[str, str]]
) -> None:
    assert (await call(CsrfMiddleware(ok), method, "/x", headers=headers)).status == 204


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ([AUTH], "csrf.missing_token"),
        ([("cookie", "theme=dark"), AUTH], "csrf.missing_token"),
        ([AUTH, TOKEN], "csrf.missing_token"),
        ([AUTH, TOKEN, ("x-csrf-token", "u")], "csrf.token_mismatch"),
        ([AUTH, TOKEN, SENT, SENT], "csrf.token_mismatch"),
        ([AUTH, TOKEN, ("cookie", "csrf_token=u"), SENT], "csrf.token_mismatch"),
        ([AUTH, ("cookie", "csrf_token=u"), TOKEN, SENT], "csrf.token_mismatch"),
        ([AUTH, TOKEN, SENT, ("sec-fetch-site", "cross-site")], "csrf.cross_site"),
    ],
)
async def test_refuses_the_others(call: Any, headers: list[tuple[str, str]], code: str) -> None:
    reply = await call(CsrfMiddleware(ok), "POST", "/x", headers=headers)
    assert (reply.status, reply.json()["code"]) == (403, code)
    assert "CSRF" in reply.json()["message"] or code == "csrf.cross_site"


async def test_exempts_the_path_less_the_mount_point(call: Any) -> None:
    middleware = CsrfMiddleware(ok, policy=CsrfPolicy(exempt_prefixes=("/auth",)))
    mounted = {"root_path": "/api"}
    for path, scope, status in (
        ("/auth/login", {}, 204),
        ("/api/auth/login", mounted, 204),
        ("/authority", {}, 403),
        ("//auth/login", {}, 403),
        ("/x", {"headers": [(b"cookie", b"access_token=a"), (b"host", b"a/auth?")]}, 403),
    ):
        reply = await call(middleware, "POST", path, headers=[AUTH], scope=scope)
        assert reply.status == status, path


async def test_a_token_of_another_session_is_refused(call: Any) -> None:
    policy = CsrfPolicy(secret="s3cret", session_cookie="access_token")
    middleware = CsrfMiddleware(ok, policy=policy)
    for session, status in (("a", 204), ("b", 403)):
        token = issue_csrf_token(secret="s3cret", session_id=session)
        headers = [AUTH, ("cookie", f"csrf_token={token}"), ("x-csrf-token", token)]
        assert (await call(middleware, "POST", "/x", headers=headers)).status == status


async def test_origins_are_compared_with_the_host(call: Any) -> None:
    policy = CsrfPolicy(trusted_origins=("https://app.example.com",))
    middleware = CsrfMiddleware(ok, policy=policy)
    for origin, status in (
        ("https://api.example.com", 204),
        ("https://app.example.com", 204),
        ("https://evil.example", 403),
    ):
        headers = [AUTH, TOKEN, SENT, ("host", "api.example.com"), ("origin", origin)]
        assert (await call(middleware, "POST", "/x", headers=headers)).status == status


async def test_a_header_name_of_one_s_own(call: Any) -> None:
    policy = CsrfPolicy(csrf_header="X-XSRF-Token", csrf_cookie="xsrf", auth_cookies=("sid",))
    headers = [("cookie", "sid=1; xsrf=t"), ("x-xsrf-token", "t")]
    middleware = CsrfMiddleware(ok, policy=policy)
    assert (await call(middleware, "POST", "/x", headers=headers)).status == 204
    assert (await call(middleware, "POST", "/x", headers=headers[:1])).status == 403


async def test_a_responder_answers(call: Any) -> None:
    seen: list[Any] = []

    async def responder(context: HttpRequestContext, decision: Any) -> HttpResponseSpec:
        seen.append(decision)
        return HttpResponseSpec.text("reload the page", status_code=419)

    reply = await call(CsrfMiddleware(ok, responder=responder), "POST", "/x", headers=[AUTH])
    assert (reply.status, reply.body) == (419, b"reload the page")
    assert seen == [CsrfDecision("reject", "missing_token")]


async def test_a_host_can_answer_in_its_own_way(call: Any) -> None:
    class HostCsrf(CsrfMiddleware):
        """What an adapter does for its published callback."""

        async def _refuse(
            self, scope: Any, receive: Any, send: Any, decision: CsrfDecision
        ) -> None:
            assert decision.reason == "missing_token"
            await super()._refuse(scope, receive, send, CsrfDecision("reject"))

    reply = await call(HostCsrf(ok), "POST", "/x", headers=[AUTH])
    assert (reply.status, reply.json()["code"]) == (403, "csrf.rejected")


async def test_websockets_pass(open_websocket: Any) -> None:
    sent = await open_websocket(CsrfMiddleware(ok), "/x", headers=[AUTH])
    assert sent[0]["status"] == 204
