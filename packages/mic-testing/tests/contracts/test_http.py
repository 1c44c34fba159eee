from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mic.http import AuthMode, HttpOptions, HttpRouteSpec, MicStack, build_asgi_app
from mic.testing._hosts import AppBuilder
from mic.testing._http.asgi import ASGIApp, Message, Receive, Scope, Send
from mic.testing.contracts.http import HttpAdapterContract
from mic.testing.contracts.http_corpus import APPS, Case, CorpusApp


class TestBareApp(HttpAdapterContract):
    """The bare app is an adapter like any other, and equals itself."""

    @pytest.fixture
    def build_app(self) -> AppBuilder:
        return build_asgi_app


def _built(
    wrap: Callable[[ASGIApp], ASGIApp] = lambda app: app,
    change: Callable[[HttpRouteSpec], HttpRouteSpec] = lambda route: route,
    keep_options: bool = True,
) -> AppBuilder:
    """A faulty adapter."""

    def build(
        *,
        routes: Iterable[HttpRouteSpec],
        options: HttpOptions | None = None,
        stack: MicStack | None = None,
    ) -> ASGIApp:
        changed = [change(route) for route in routes]
        return wrap(
            build_asgi_app(routes=changed, options=options if keep_options else None, stack=stack)
        )

    return build


def _sending(change: Callable[[Message], Message]) -> Callable[[ASGIApp], ASGIApp]:
    def wrap(app: ASGIApp) -> ASGIApp:
        async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
            await app(scope, receive, lambda message: send(change(message)))

        return wrapped

    return wrap


def _headers(change: Callable[[list[Any]], list[Any]]) -> Callable[[ASGIApp], ASGIApp]:
    def changed(message: Message) -> Message:
        if message["type"] == "http.response.start":
            return {**message, "headers": change(list(message["headers"]))}
        return message

    return _sending(changed)


def _body(change: Callable[[bytes], bytes]) -> Callable[[ASGIApp], ASGIApp]:
    def changed(message: Message) -> Message:
        if message["type"] == "http.response.body":
            return {**message, "body": change(message.get("body", b""))}
        return message

    return _sending(changed)


def _folding_slashes(app: ASGIApp) -> ASGIApp:
    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        path = "/" + scope["path"].strip("/").replace("//", "/")
        await app({**scope, "path": path}, receive, send)

    return wrapped


_FAULTS: dict[str, tuple[Callable[[ASGIApp], ASGIApp], str, str]] = {
    "header order": (_headers(lambda lines: lines[::-1]), "values", "GET /values/cookies"),
    "a header more": (
        _headers(lambda lines: [*lines, (b"x-more", b"1")]),
        "values",
        "GET /values/str",
    ),
    "header case": (
        _headers(lambda lines: [(k, v.upper()) for k, v in lines]),
        "values",
        "GET /values/text",
    ),
    "status": (
        _sending(lambda m: {**m, "status": 201} if m["type"] == "http.response.start" else m),
        "values",
        "GET /values/str",
    ),
    "body": (_body(lambda body: body.replace(b"a", b"b")), "values", "GET /values/dict"),
    "body of HEAD": (_body(lambda body: b"12345"), "values", "HEAD /values/true"),
    "slashes": (_folding_slashes, "paths", "GET //items"),
}


@pytest.mark.parametrize("fault", _FAULTS)
async def test_the_corpus_catches(fault: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    wrap, app_name, case_id = _FAULTS[fault]
    app, case = _find(app_name, case_id)
    with pytest.raises(AssertionError, match=r".*"):
        await _contract().test_answers_as_the_bare_app(app, case, _built(wrap), tmp_path_factory)
    await _contract().test_answers_as_the_bare_app(app, case, build_asgi_app, tmp_path_factory)


def _contract() -> HttpAdapterContract:
    """The contract with applications of its own."""

    class Fresh(HttpAdapterContract):
        patience_seconds = 0.3

    return Fresh()


def _find(app_name: str, case_id: str) -> tuple[CorpusApp, Case]:
    return next(
        (app, case)
        for app in APPS
        for case in app.cases
        if app.name == app_name and str(case).startswith(case_id)
    )


async def test_the_corpus_catches_a_bare_app_that_is_wrong_itself(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    app, case = _find("values", "GET /values/str")
    wrong = replace(case, body=b'"other"')
    with pytest.raises(AssertionError, match="other"):
        await _contract().test_answers_as_the_bare_app(app, wrong, build_asgi_app, tmp_path_factory)


def _on_the_loop(route: HttpRouteSpec) -> HttpRouteSpec:
    return replace(route, run_in_thread=False)


def _mixing(app: ASGIApp) -> ASGIApp:
    """Gives every request the header lines of the first."""
    first: list[Any] = []

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        first.append(scope["headers"])
        await app({**scope, "headers": first[0]}, receive, send)

    return wrapped


def _deaf(app: ASGIApp) -> ASGIApp:
    """Never hears that the client has left."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        async def hear() -> Message:
            message = await receive()
            if message["type"] == "http.disconnect":
                await asyncio.Event().wait()
            return message

        await app(scope, hear, send)

    return wrapped


def _buffering(app: ASGIApp) -> ASGIApp:
    """Sends everything when the application has returned."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        kept: list[Message] = []

        async def keep(message: Message) -> None:
            kept.append(message)

        await app(scope, receive, keep)
        for message in kept:
            await send(message)

    return wrapped


def _shocked(app: ASGIApp) -> ASGIApp:
    """Raises when the client leaves."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        if (await receive())["type"] == "http.disconnect":
            raise ConnectionError("the client left")

    return wrapped


def _telling(app: ASGIApp) -> ASGIApp:
    """Tells the client what went wrong."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        async def hold(message: Message) -> None: ...

        try:
            await app(scope, receive, hold)
        except RuntimeError as error:
            body = b'{"code":"internal_error","why":"%s"}' % str(error).encode()
            await send({"type": "http.response.start", "status": 500, "headers": []})
            await send({"type": "http.response.body", "body": body})

    return wrapped


@pytest.mark.parametrize(
    ("test", "faulty"),
    [
        ("test_a_full_worker_pool_is_503", _built(keep_options=False)),
        (
            "test_a_synchronous_handler_runs_in_a_thread_with_the_context",
            _built(change=_on_the_loop),
        ),
        ("test_requests_at_the_same_time_do_not_mix", _built(_mixing)),
        ("test_an_event_stream_is_closed_when_the_client_leaves", _built(_deaf)),
        ("test_a_stream_is_closed_when_the_client_leaves", _built(_deaf)),
        ("test_background_runs_after_the_last_byte", _built(_buffering)),
        ("test_a_client_that_leaves_while_sending_is_not_answered", _built(_shocked)),
        ("test_an_unhandled_error_is_raised_or_logged_but_never_told", _built(_telling)),
    ],
)
async def test_every_clause_catches_its_fault(test: str, faulty: AppBuilder) -> None:
    with pytest.raises((AssertionError, TimeoutError, OSError, RuntimeError), match=r".*"):
        await getattr(_contract(), test)(faulty)


async def test_the_spellings_catch_an_unprotected_route() -> None:
    def unprotected(route: HttpRouteSpec) -> HttpRouteSpec:
        return replace(route, auth=AuthMode.PUBLIC)

    with pytest.raises(AssertionError, match=r"\['/admin'\]"):
        await HttpAdapterContract().test_no_spelling_of_a_path_reaches_a_protected_handler(
            "GET", "/%61dmin", _built(change=unprotected)
        )


def test_the_builder_must_be_given(pytester: pytest.Pytester, tmp_path: Path) -> None:
    pytester.makeini("[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function")
    pytester.makepyfile(
        """
        from mic.testing.contracts.http import HttpAdapterContract

        class TestX(HttpAdapterContract): ...
        """
    )
    result = pytester.runpytest_inprocess("-k", "unhandled")
    result.stdout.fnmatch_lines(["*a test class gives the adapter's build function*"])
    result.assert_outcomes(errors=1, deselected=result.parseoutcomes()["deselected"])


pytest_plugins = ["pytester"]
