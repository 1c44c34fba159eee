"""Fills a handler's arguments from a request, by the plan of its route."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from mic.http._bodies import JsonBody
from mic.http._forms import FormData, multipart_installed, read_form, require_multipart
from mic.http._plan import ParameterPlan
from mic.http._request import Pairs, cookie_pairs, header_pairs_of, query_pairs
from mic.http._types import Receive, Scope
from mic.http._validation import Findings
from mic.http.params import ParameterSource
from mic.model import DomainError, ForbiddenError

if TYPE_CHECKING:
    from mic.http.context import RequestState
    from mic.http.options import HttpOptions
    from mic.http.request_context import HttpRequestContext
    from mic.http.route_spec import HttpRouteSpec

BodyBinding = Callable[[bytes, bytes | None, dict[str, Any], Findings], None]

_READERS: dict[str, Callable[[Scope], Pairs]] = {
    "query": lambda scope: query_pairs(scope.get("query_string", b"")),
    "header": header_pairs_of,
    "cookie": cookie_pairs,
}
# in the order in which errors are listed
_TEXT_SOURCES: tuple[ParameterSource, ...] = ("query", "header", "cookie")


class Binder:
    """Fills the arguments of one route. Stateless between requests.

    Attributes:
        asks_context: Whether an argument takes the request's context.
        bind_body: Fills the argument that takes the body, of the body, its declared type, the
            arguments and what does not fit; raises as `JsonBody.parse` does.
        takes_body: Whether `bind_body` is to be called.
        takes_form: Whether `bind_form` is.
        body_limit: Largest body in bytes.
    """

    __slots__ = (
        "_files",
        "_form",
        "_injected",
        "_max_errors",
        "_max_form_bytes",
        "_max_query",
        "_multipart",
        "_options",
        "_path",
        "_raw",
        "_texts",
        "asks_context",
        "bind_body",
        "body_limit",
        "takes_body",
        "takes_form",
    )

    def __init__(
        self, spec: HttpRouteSpec, plans: tuple[ParameterPlan, ...], options: HttpOptions
    ) -> None:
        """Prepare it.

        Raises:
            ConfigurationError: Uploads are asked for and the library for them is not installed.
        """
        by_source: dict[str, list[ParameterPlan]] = {}
        for plan in plans:
            by_source.setdefault(plan.source, []).append(plan)
        strict = spec.strict_content_type
        self._options = options
        self.body_limit = (
            options.max_body_bytes if spec.max_body_bytes is None else spec.max_body_bytes
        )
        self._max_form_bytes = spec.max_body_bytes
        self._max_errors = options.max_validation_errors
        self._max_query = options.max_query_parameters
        self._injected = by_source.get("context", []) + by_source.get("principal", [])
        self._path = by_source.get("path", [])
        self._texts = [
            (source, by_source[source]) for source in _TEXT_SOURCES if source in by_source
        ]
        bodies = by_source.get("body", [])
        self._raw = bodies[0].name if bodies else ""
        self.bind_body: BodyBinding = self._bind_raw
        if bodies and not bodies[0].raw:
            wanted = options.strict_content_type if strict is None else strict
            self.bind_body = JsonBody(bodies[0], strict_content_type=wanted).parse
        self._form = by_source.get("form", []) + by_source.get("file", [])
        self._files = {plan.alias: plan.max_bytes for plan in by_source.get("file", [])}
        if self._files:
            require_multipart(spec.name)
        self._multipart = bool(self._form) and multipart_installed()
        self.asks_context = any(plan.source == "context" for plan in self._injected)
        self.takes_body = bool(bodies)
        self.takes_form = bool(self._form)

    def bind(
        self, scope: Scope, state: RequestState, context: HttpRequestContext | None
    ) -> tuple[dict[str, Any], Findings]:
        """Fill the arguments that do not come from the body.

        Args:
            scope: The request.
            state: Its state.
            context: Its context, where an argument takes it.

        Returns:
            The arguments, and what does not fit so far: to be raised when the body is bound.

        Raises:
            DomainError: 400: more query parameters than are looked at; 403: nobody is known.
        """
        kwargs: dict[str, Any] = {}
        findings = Findings(limit=self._max_errors)
        query: bytes = scope.get("query_string", b"")
        if query and query.count(b"&") >= self._max_query:
            raise DomainError(
                code="http.too_many_parameters", message="the query has too many parameters"
            )
        for plan in self._injected:
            kwargs[plan.name] = context if plan.source == "context" else _principal(plan, state)
        for plan in self._path:
            convert(plan, "path", state.path_params.get(plan.alias), kwargs, findings)
        for source, plans in self._texts:
            _fill(plans, source, _READERS[source](scope), kwargs, findings)
        return kwargs, findings

    def _bind_raw(self, body: bytes, _: bytes | None, kwargs: dict[str, Any], __: Findings) -> None:
        kwargs[self._raw] = body

    async def bind_form(
        self, scope: Scope, receive: Receive, kwargs: dict[str, Any], findings: Findings
    ) -> FormData:
        """Read the form and fill the arguments that take its parts; whoever made the answer closes
        it.

        Raises:
            InvalidRequestError: 400, listing everything that does not fit; the form is closed.
            DomainError: What reading a form raises.
            ClientDisconnectedError: The client left.
        """
        form = await read_form(
            scope,
            receive,
            options=self._options,
            max_bytes=self._max_form_bytes,
            multipart=self._multipart,
            files=self._files,
        )
        try:
            _fill(
                [plan for plan in self._form if plan.source == "form"],
                "form",
                form.fields,
                kwargs,
                findings,
            )
            for plan in self._form:
                if plan.source == "file":
                    files = [file for name, file in form.files if name == plan.alias]
                    value = files if plan.many else (files[-1] if files else None)
                    convert(plan, "form", value or None, kwargs, findings)
            findings.raise_if_any()
        except BaseException:
            await form.close()
            raise
        return form


def _principal(plan: ParameterPlan, state: RequestState) -> Any:
    if state.principal is None and not plan.nullable:
        # the gate let the request pass on a bare "yes": nobody is known, and nobody is made up
        raise ForbiddenError(
            code="auth.forbidden", message="access denied", details={"reason": "kind"}
        )
    return state.principal


def _fill(
    plans: list[ParameterPlan],
    source: ParameterSource,
    pairs: Pairs,
    kwargs: dict[str, Any],
    findings: Findings,
) -> None:
    """Convert the parameters of one source; of a repeated name the last value wins, unless all are
    taken.
    """
    last = dict(pairs)
    for plan in plans:
        if plan.takes_last:
            convert(plan, source, last.get(plan.alias), kwargs, findings)
        elif plan.fields is not None:
            convert(plan, source, _model_input(plan.fields, pairs, last), kwargs, findings)
        elif source == "header":
            lines = _values_of(plan.alias.lower(), pairs)
            value = (lines if plan.many else ", ".join(lines)) if lines else None
            convert(plan, source, value, kwargs, findings)
        else:
            convert(plan, source, _values_of(plan.alias, pairs) or None, kwargs, findings)


def _values_of(name: str, pairs: Pairs) -> list[str]:
    return [value for key, value in pairs if key == name]


def _model_input(fields: Mapping[str, bool], pairs: Pairs, last: dict[str, str]) -> dict[str, Any]:
    """What a model is filled from: every pair, so that unknown names are seen, and lists where the
    field takes them.
    """
    values: dict[str, Any] = dict(last)
    for name, many in fields.items():
        if many and name in last:
            values[name] = _values_of(name, pairs)
    return values


def convert(
    plan: ParameterPlan,
    source: ParameterSource,
    value: Any,
    kwargs: dict[str, Any],
    findings: Findings,
) -> None:
    """Convert one value into `kwargs`, or note what is wrong. An absent one (`None`) takes the
    default, `None`, or is missing.
    """
    if value is None:
        if plan.required:
            findings.missing(source, plan.alias)
        elif plan.nullable:
            kwargs[plan.name] = None
        return
    validate = plan.validate
    if validate is None:
        kwargs[plan.name] = value
        return
    try:
        kwargs[plan.name] = validate(value)
    except ValidationError as error:
        if plan.fields is None:
            findings.invalid(source, error, plan.alias)
        else:
            findings.invalid(source, error)
