"""Schemas of everything that crosses a boundary, the success envelope and the error body."""

from typing import TYPE_CHECKING

from mic.plugins import make_lazy_names

if TYPE_CHECKING:
    from mic.contracts.envelope import (
        HttpSuccessEnvelope,
        PageMeta,
        wrap_http_success,
    )
    from mic.contracts.problem import (
        FieldProblem,
        HttpProblem,
    )
    from mic.contracts.strict_schema import (
        ExactSchema,
        RawStr,
        StrictSchema,
        TolerantSchema,
    )
else:
    __getattr__, __dir__ = make_lazy_names(
        __name__,
        {
            "mic.contracts.envelope": (
                "HttpSuccessEnvelope",
                "PageMeta",
                "wrap_http_success",
            ),
            "mic.contracts.problem": (
                "FieldProblem",
                "HttpProblem",
            ),
            "mic.contracts.strict_schema": (
                "ExactSchema",
                "RawStr",
                "StrictSchema",
                "TolerantSchema",
            ),
        },
    )

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
