"""The compiled route: an ASGI app that takes one request through gate, middleware, guards,
parameters, handler and answer.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from mic.http._authorize import compile_authorization
from mic.http._binding import Binder
from mic.http._bodies import read_body
from mic.http._calls import Call
from mic.http._deadline import deadline_of, within
from mic.http._disconnect import ClientDisconnectedError
from mic.http._plan import ParameterPlan, plan_parameters
from mic.http._problems import problem_answer
from mic.http._request import context_of
from mic.http._results import Results
from mic.http._route_checks import (
    callee_of,
    check_guards,
    check_options,
    response_model_of,
    success_status_of,
    template_of,
    writer_of,
)
from mic.http._types import ASGIApp, Receive, Scope, Send
from mic.http._wire import Answer, Outlet, Started, pick_headers, send_answer
from mic.http.context import RequestState, bind, current_correlation, request_state
from mic.http.options import DEFAULT_OPTIONS, HttpOptions
from mic.http.responses import HttpResponseSpec
from mic.http.route_spec import HttpRouteSpec
from mic.model import DomainError

_LOGGER = logging.getLogger("mic.http")

_BODY_HEADERS = frozenset({b"content-length", b"content-type"})
_Picked = Mapping[bytes, bytes]


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
        "_around",
        "_asks_context",
        "_authorize",
        "_binder",
        "_challenge",
        "_deadline_header",
        "_guards",
        "_handler",
        "_in_thread",
        "_inner_gate",
        "_names",
        "_results",
        "_run",
        "_timeout",
        "_wanted",
        "_workers",
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
        guards = (*options.guards, *spec.guards)
        check_guards(spec, guards, self.parameters)
        self._names = bool(self.template.names)
        self._timeout = spec.timeout_seconds
        self._workers = options.workers
        self._binder = Binder(spec, self.parameters, options)
        self._guards = tuple(Call(guard) for guard in guards)
        self._asks_context = bool(guards) or self._binder.asks_context
        self._handler = spec.handler
        self._in_thread = not self.callee.is_async and spec.run_in_thread is not False
        self._results = Results(
            spec.name,
            status=self.success_status,
            writer=writer_of(spec, self.response_model),
            workers=self._workers,
        )
        self._authorize = compile_authorization(spec, options)
        self._challenge = getattr(self._authorize, "challenge", "Bearer")
        header = (options.deadline_header or "").lower().encode("latin-1")
        self._deadline_header = header
        self._wanted = _BODY_HEADERS if self._binder.takes_body else frozenset()
        if header:
            self._wanted |= {header}
        declared = (*options.middleware, *spec.middleware)
        self._around: ASGIApp = self._inside
        for middleware in reversed(declared):
            self._around = middleware(self._around)
        self._run = self._respond_within if declared else self._respond
        # without middleware the gate is the first thing inside, and one handler of errors is enough
        self._inner_gate = None if declared else self._authorize

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request. Path parameters are those of the request state, else
        `scope["path_params"]`.
        """
        await self.run(scope, receive, send)

    def answer(
        self, scope: Scope, receive: Receive, send: Send
    ) -> Coroutine[Any, Any, Answer | None]:
        """Serve one request for a host that sends plain answers itself.

        Returns:
            The whole answer, nothing of it sent; `None` where a longer one was sent as it came, or
            where the client has left. What the answer leaves for afterwards runs before it is given
            back, unless the host keeps it with `state.deferred`.
        """
        return self.run(scope, receive, send, keep=True)

    def run(
        self, scope: Scope, receive: Receive, send: Send, *, keep: bool = False
    ) -> Coroutine[Any, Any, Answer | None]:
        """Serve one request for a host that awaits this at once: no coroutine stands around it.

        Args:
            scope: The request.
            receive: Its body.
            send: Where the answer goes.
            keep: Whether a plain answer is given back instead of being sent.
        """
        state = request_state(scope)
        state.route = self.spec
        if self._names and not state.path_params:
            given = scope.get("path_params") or {}
            state.path_params = {name: str(value) for name, value in given.items()}
        picked = pick_headers(scope["headers"], self._wanted)
        patience = picked.get(self._deadline_header)
        if patience is not None or self._timeout is not None:
            state.deadline = deadline_of(patience, self._timeout)
            if state.deadline is not None:
                return self._run_until(state.deadline, scope, receive, send, state, picked, keep)
        return self._run(scope, receive, send, state, picked, keep)

    async def _run_until(self, deadline: float, *request: Any) -> Answer | None:
        with bind(correlation=current_correlation(), deadline=deadline):
            return await self._run(*request)

    async def _respond_within(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        state: RequestState,
        _: _Picked,
        keep: bool,
    ) -> Answer | None:
        """The gate, then the middleware with the rest of the route in its midst."""
        outlet = Outlet(send) if keep else Started(send)
        try:
            if self._authorize is not None:
                if state.deadline is None:
                    await self._authorize(scope, state)
                else:
                    await within(state.deadline, self._authorize, scope, state)
            await self._around(scope, receive, outlet)
        except DomainError as error:
            if outlet.yes:
                raise
            answer = self._problem(error, state)
            if not keep:
                await send_answer(send, answer, head=scope["method"] == "HEAD")
            return answer
        return outlet.answer

    async def _inside(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The rest of the route. The middleware around may have changed the scope."""
        picked = pick_headers(scope["headers"], self._wanted)
        await self._respond(scope, receive, send, request_state(scope), picked, False)

    async def _respond(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        state: RequestState,
        picked: _Picked,
        keep: bool,
    ) -> Answer | None:
        """What stands inside the middleware: guards, parameters, handler, answer, background."""
        result: Any = None
        try:
            try:
                if state.deadline is None:
                    result = await self._produce(scope, receive, state, picked)
                else:
                    result = await within(
                        state.deadline, self._produce, scope, receive, state, picked
                    )
                answer = self._results.render(result)
            except ClientDisconnectedError:
                return None
            except DomainError as error:
                result, answer = None, self._problem(error, state)
            if answer is None:
                answer = await self._stream(result, scope, receive, send, state)
            if answer is not None:
                if scope["method"] == "HEAD":
                    answer.body = b""
                if not keep:
                    start, end = answer.messages()
                    await send(start)
                    await send(end)
            if isinstance(result, HttpResponseSpec) and result.background is not None:
                await self._after(result.background, state)
            return answer
        finally:
            if state.form is not None:
                await state.form.close()

    async def _produce(
        self, scope: Scope, receive: Receive, state: RequestState, picked: _Picked
    ) -> Any:
        """The handler's result, once everything in front of it has let the request pass."""
        if self._inner_gate is not None:
            await self._inner_gate(scope, state)
        context = context_of(scope, state) if self._asks_context else None
        for guard in self._guards:
            await guard(self._workers, context)
        binder = self._binder
        kwargs, findings = binder.bind(scope, state, context)
        if binder.takes_body:
            length = picked.get(b"content-length")
            body = await read_body(scope, receive, length, limit=binder.body_limit)
            binder.bind_body(body, picked.get(b"content-type"), kwargs, findings)
        elif binder.takes_form:
            state.form = await binder.bind_form(scope, receive, kwargs, findings)
        if findings.problems:
            raise findings.error()
        if self._in_thread:
            result = await self._workers.run(self._handler, **kwargs)
        else:
            result = self._handler(**kwargs)
        return await result if hasattr(type(result), "__await__") else result

    async def _stream(
        self,
        result: HttpResponseSpec,
        scope: Scope,
        receive: Receive,
        send: Send,
        state: RequestState,
    ) -> Answer | None:
        """Send a stream; gives the problem that kept it from beginning."""
        started = Started(send)
        try:
            await self._results.send_stream(result, scope, receive, started)
        except DomainError as error:
            if started.yes:
                raise
            return self._problem(error, state)
        return None

    async def _after(self, background: Callable[[], Any], state: RequestState) -> None:
        """Run what the answer left for afterwards, or leave it to the host that asked for it."""
        if state.deferred is None:
            await self._in_background(background)
        else:
            state.deferred.append(lambda: self._in_background(background))

    async def _in_background(self, background: Callable[[], Any]) -> None:
        try:
            await Call(background)(self._workers)
        except Exception:
            _LOGGER.exception("route %s: the background task failed", self.spec.name)

    def _problem(self, error: DomainError, state: RequestState) -> Answer:
        state.failure = error
        return problem_answer(
            error,
            state=state,
            type_base=self.options.problem_type_base,
            challenge=self._challenge,
        )

    def __repr__(self) -> str:
        return f"<CompiledRoute {self.spec.name}: {self.spec.method} {self.spec.path}>"


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
