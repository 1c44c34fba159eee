"""The compiled route: an ASGI app that takes one request through gate, middleware, guards,
parameters, handler and answer.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from time import monotonic
from typing import Any

from mic.http._authorize import compile_authorization
from mic.http._binding import Binder
from mic.http._calls import Call
from mic.http._disconnect import ClientDisconnectedError
from mic.http._files import FileBody, send_file
from mic.http._forms import FormData
from mic.http._plan import ParameterPlan, plan_parameters
from mic.http._problems import internal_error, problem_answer
from mic.http._render import (
    UnwritableResultError,
    further_headers,
    is_bodyless,
    json_bytes,
    media_type_facts,
    render,
    render_json,
)
from mic.http._request import context_of
from mic.http._route_checks import (
    callee_of,
    check_guards,
    check_options,
    response_model_of,
    success_status_of,
    template_of,
    writer_of,
)
from mic.http._streams import Stream, close_stream, send_chunks
from mic.http._types import ASGIApp, Message, Receive, Scope, Send
from mic.http._wire import Answer, send_answer
from mic.http.context import RequestState, bind, current_correlation, request_state
from mic.http.options import DEFAULT_OPTIONS, HttpOptions
from mic.http.request_context import HttpRequestContext
from mic.http.responses import HttpResponseSpec
from mic.http.route_spec import HttpRouteSpec
from mic.model import DeadlineExceededError, DomainError

_LOGGER = logging.getLogger("mic.http")
_MAX_DEADLINE_DIGITS = 10


class CompiledRoute:
    """A route, compiled once; an ASGI app for requests that a host has matched to it.

    Guarantees: gate, middleware, guards, parameters, handler, answer and background run in this
    order; nothing after the gate runs without its positive decision. A `DomainError` of guards,
    parsing or handler is answered inside the route's middleware, one of the gate or of a middleware
    around it; any other exception passes through to the host.

    Attributes:
        spec: The route as declared.
        template: Its parsed path.
        parameters: Where each argument of the handler comes from.
        options: The options it was compiled with.
        callee: What is known of the handler.
        success_status: Status of a result that is no `HttpResponseSpec`.
        response_model: Type that such results are written through; `None` without one.
    """

    __slots__ = (
        "_app",
        "_authorize",
        "_binder",
        "_challenge",
        "_deadline_header",
        "_guards",
        "_in_thread",
        "_warned",
        "_writer",
        "callee",
        "options",
        "parameters",
        "response_model",
        "spec",
        "success_status",
        "template",
    )

    def __init__(self, spec: HttpRouteSpec, options: HttpOptions) -> None:
        self.spec = spec
        self.options = options
        self.template = template_of(spec)
        self.callee = callee_of(spec)
        check_options(spec, self.callee)
        self.parameters: tuple[ParameterPlan, ...] = plan_parameters(
            spec, self.template, self.callee
        )
        self.response_model = response_model_of(spec, self.callee)
        self.success_status = success_status_of(spec, self.callee)
        self._writer = writer_of(spec, self.response_model)
        self._binder = Binder(spec, self.parameters, options)
        guards = (*options.guards, *spec.guards)
        check_guards(spec, guards, self.parameters)
        self._guards = tuple(Call(guard) for guard in guards)
        self._in_thread = not self.callee.is_async and spec.run_in_thread is not False
        self._authorize = compile_authorization(spec, options)
        self._challenge = getattr(self._authorize, "challenge", "Bearer")
        header = options.deadline_header
        self._deadline_header = None if header is None else header.lower().encode("latin-1")
        self._warned = False
        self._app = self._wrapped()

    def _wrapped(self) -> ASGIApp:
        app: ASGIApp = self._serve
        for middleware in reversed((*self.options.middleware, *self.spec.middleware)):
            app = middleware(app)
        return app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request. Path parameters are those of the request state, else
        `scope["path_params"]`.
        """
        state = request_state(scope)
        state.route = self.spec
        if self.template.names and not state.path_params:
            given = scope.get("path_params") or {}
            state.path_params = {name: str(value) for name, value in given.items()}
        deadline = self._deadline_of(scope)
        sender = _Sender(send)
        try:
            if deadline is None:
                await self._admit(scope, receive, sender, state)
            else:
                state.deadline = deadline
                with bind(correlation=current_correlation(), deadline=deadline):
                    await self._admit(scope, receive, sender, state)
        except DomainError as error:
            if sender.started:
                raise
            await self._answer_error(error, scope, send, state)

    async def _admit(self, scope: Scope, receive: Receive, send: Send, state: RequestState) -> None:
        if self._authorize is not None:
            async with _patience(state):
                await self._authorize(scope, state)
        await self._app(scope, receive, send)

    def _deadline_of(self, scope: Scope) -> float | None:
        seconds = self.spec.timeout_seconds
        if self._deadline_header is not None:
            for name, value in scope["headers"]:
                if name == self._deadline_header:
                    if value.isdigit() and len(value) <= _MAX_DEADLINE_DIGITS:
                        wanted = int(value) / 1000
                        seconds = wanted if seconds is None else min(seconds, wanted)
                    break
        return None if seconds is None else monotonic() + seconds

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """What stands inside the middleware: guards, parameters, handler, answer."""
        state = request_state(scope)
        form: FormData | None = None
        try:
            try:
                async with _patience(state):
                    context = _ContextOnce(scope, state)
                    for guard in self._guards:
                        await guard(self.options.workers, context())
                    kwargs, form = await self._binder.bind(scope, receive, state, context)
                    result = await self._handle(kwargs)
                await self._answer(result, scope, receive, send, state)
            except ClientDisconnectedError:
                return
            except DomainError as error:
                await self._answer_error(error, scope, send, state)
        finally:
            if form is not None:
                await form.close()

    async def _handle(self, kwargs: dict[str, Any]) -> Any:
        if self._in_thread:
            result = await self.options.workers.run(self.spec.handler, **kwargs)
        else:
            result = self.spec.handler(**kwargs)
        return await result if inspect.isawaitable(result) else result

    async def _answer(
        self, result: Any, scope: Scope, receive: Receive, send: Send, state: RequestState
    ) -> None:
        head = scope["method"] == "HEAD"
        if not isinstance(result, HttpResponseSpec):
            await send_answer(send, self._plain(lambda: self._render_bare(result)), head=head)
            return
        if result.stream is not None:
            await self._answer_stream(result, result.stream, scope, receive, send, head=head)
        else:
            if is_bodyless(result.status_code) and result.body is not None and not self._warned:
                self._warned = True
                _LOGGER.warning(
                    "route %s: the body of a %d answer is dropped",
                    self.spec.name,
                    result.status_code,
                )
            await send_answer(send, self._plain(lambda: render(result)), head=head)
        if result.background is not None:
            if state.deferred is None:
                await self._in_background(result.background)
            else:
                background = result.background
                state.deferred.append(lambda: self._in_background(background))

    def _plain(self, render_it: Callable[[], Answer]) -> Answer:
        try:
            return render_it()
        except UnwritableResultError as error:
            # the value stays out of the log: it is what could not be shown to be fit for anybody
            _LOGGER.error(  # without traceback: it would hold the value
                "route %s: the result cannot be written (%s)",
                self.spec.name,
                type(error.__cause__).__name__,
            )
            raise internal_error() from None

    def _render_bare(self, result: Any) -> Answer:
        if is_bodyless(self.success_status):
            return Answer(self.success_status)
        body = json_bytes(result) if self._writer is None else self._writer.write(result)
        return render_json(self.success_status, body)

    async def _answer_stream(
        self,
        spec: HttpResponseSpec,
        stream: Stream,
        scope: Scope,
        receive: Receive,
        send: Send,
        *,
        head: bool,
    ) -> None:
        workers = self.options.workers
        if isinstance(stream, FileBody):
            await send_file(
                spec,
                stream,
                scope,
                send,
                workers=workers,
                base_headers=further_headers(spec),
                head=head,
            )
            return
        content_type = media_type_facts(spec.media_type or "application/octet-stream")[0]
        await send(
            {
                "type": "http.response.start",
                "status": spec.status_code,
                "headers": [(b"content-type", content_type), *further_headers(spec)],
            }
        )
        if head:
            await close_stream(stream)
            await send({"type": "http.response.body", "body": b""})
            return
        await send_chunks(stream, receive, send, workers=workers)

    async def _in_background(self, background: Callable[[], Any]) -> None:
        try:
            await Call(background)(self.options.workers)
        except Exception:
            _LOGGER.exception("route %s: the background task failed", self.spec.name)

    async def _answer_error(
        self, error: DomainError, scope: Scope, send: Send, state: RequestState
    ) -> None:
        state.failure = error
        answer = problem_answer(
            error,
            state=state,
            type_base=self.options.problem_type_base,
            challenge=self._challenge,
        )
        await send_answer(send, answer, head=scope["method"] == "HEAD")

    def __repr__(self) -> str:
        return f"<CompiledRoute {self.spec.name}: {self.spec.method} {self.spec.path}>"


class _Sender:
    """Remembers whether an answer has begun."""

    __slots__ = ("_send", "started")

    def __init__(self, send: Send) -> None:
        self._send = send
        self.started = False

    def __call__(self, message: Message) -> Awaitable[None]:
        self.started = True
        return self._send(message)


class _ContextOnce:
    """Makes the request's context when somebody first asks."""

    __slots__ = ("_context", "_scope", "_state")

    def __init__(self, scope: Scope, state: RequestState) -> None:
        self._scope = scope
        self._state = state
        self._context: HttpRequestContext | None = None

    def __call__(self) -> HttpRequestContext:
        if self._context is None:
            self._context = context_of(self._scope, self._state)
        return self._context


class _Patience(AbstractAsyncContextManager[None]):
    """Ends a block at the request's deadline with a 504; another's TimeoutError stays what it
    is.
    """

    __slots__ = ("_timeout",)

    def __init__(self, deadline: float) -> None:
        left = deadline - monotonic()
        if left <= 0:
            raise _deadline_exceeded()
        self._timeout = asyncio.timeout(left)

    async def __aenter__(self) -> None:
        await self._timeout.__aenter__()

    async def __aexit__(self, kind: Any, error: Any, trace: Any) -> None:
        try:
            await self._timeout.__aexit__(kind, error, trace)
        except TimeoutError as timeout:
            raise _deadline_exceeded() from timeout


def _patience(state: RequestState) -> AbstractAsyncContextManager[None]:
    return _NO_DEADLINE if state.deadline is None else _Patience(state.deadline)


_NO_DEADLINE: AbstractAsyncContextManager[None] = nullcontext()


def _deadline_exceeded() -> DeadlineExceededError:
    return DeadlineExceededError(message="the deadline of the request has passed")


def compile_route(spec: HttpRouteSpec, *, options: HttpOptions | None = None) -> CompiledRoute:
    """Compile one route.

    Args:
        spec: The route.
        options: How it is served; the safe defaults where left out.

    Raises:
        RouteDefinitionError: The route cannot be served as it is written; names route and
            parameter.
        ConfigurationError: It needs an optional library that is not installed; names what to
            install.
    """
    return CompiledRoute(spec, options or DEFAULT_OPTIONS)
