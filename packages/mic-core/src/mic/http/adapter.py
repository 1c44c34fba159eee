"""What framework adapters build on: the vocabulary, answers and checks that every host shares.

Pure re-exports. An adapter of a framework (ours, or a third party's) imports from here and from the
public modules beside this one, so that no host needs to know how `mic.http` is laid out inside.
"""

from mic.http._framework_errors import framework_error, framework_findings
from mic.http._plan import ParameterPlan
from mic.http._problems import internal_error, problem_answer
from mic.http._request import route_path
from mic.http._run import CompiledRoute
from mic.http._types import ASGIApp, Message, RawHeaders, Receive, Scope, Send
from mic.http._validation import Findings, InvalidRequestError
from mic.http._wire import Answer, Started, send_answer
from mic.http.asgi import check_gates, dispatch, method_not_allowed, not_found, options_answer
from mic.http.options import DEFAULT_OPTIONS
from mic.http.table import RouteMatch, RouteTable, compile_routes

__all__ = [
    "ASGIApp",
    "Answer",
    "CompiledRoute",
    "DEFAULT_OPTIONS",
    "Findings",
    "InvalidRequestError",
    "Message",
    "ParameterPlan",
    "RawHeaders",
    "Receive",
    "RouteMatch",
    "RouteTable",
    "Scope",
    "Send",
    "Started",
    "check_gates",
    "compile_routes",
    "dispatch",
    "framework_error",
    "framework_findings",
    "internal_error",
    "method_not_allowed",
    "not_found",
    "options_answer",
    "problem_answer",
    "route_path",
    "send_answer",
]
