"""Schemas of everything that crosses a boundary, the success envelope and the error body."""

from mic.contracts.envelope import HttpSuccessEnvelope, PageMeta, wrap_http_success
from mic.contracts.problem import FieldProblem, HttpProblem
from mic.contracts.strict_schema import ExactSchema, RawStr, StrictSchema, TolerantSchema

__all__ = [
    "ExactSchema",
    "FieldProblem",
    "HttpProblem",
    "HttpSuccessEnvelope",
    "PageMeta",
    "RawStr",
    "StrictSchema",
    "TolerantSchema",
    "wrap_http_success",
]
