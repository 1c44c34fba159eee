"""The errors that a domain raises, and the delay between attempts; no framework in either.

A service raises `DomainError` and its subclasses; each transport renders them (`to_problem`), and a
client turns a problem document back into the class that was raised (`error_from_problem`).
"""

from mic.model._backoff import Backoff
from mic.model._from_problem import error_factories, error_from_problem
from mic.model.errors import (
    ConfigurationError,
    ConflictError,
    DeadlineExceededError,
    DomainError,
    ErrorFactory,
    ErrorRegistry,
    ForbiddenError,
    GoneError,
    MethodNotAllowedError,
    NotFoundError,
    PayloadTooLargeError,
    PreconditionFailedError,
    PreconditionRequiredError,
    RangeNotSatisfiableError,
    RateLimitedError,
    TransientError,
    UnauthorizedError,
    UnprocessableError,
    UnsupportedMediaTypeError,
    error_class_for,
    public_problem,
)

__all__ = [
    "Backoff",
    "ConfigurationError",
    "ConflictError",
    "DeadlineExceededError",
    "DomainError",
    "ErrorFactory",
    "ErrorRegistry",
    "ForbiddenError",
    "GoneError",
    "MethodNotAllowedError",
    "NotFoundError",
    "PayloadTooLargeError",
    "PreconditionFailedError",
    "PreconditionRequiredError",
    "RangeNotSatisfiableError",
    "RateLimitedError",
    "TransientError",
    "UnauthorizedError",
    "UnprocessableError",
    "UnsupportedMediaTypeError",
    "error_class_for",
    "error_factories",
    "error_from_problem",
    "public_problem",
]
