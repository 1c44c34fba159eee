"""The errors that a domain raises, with no framework in them.

```
DomainError                      400
├── UnauthorizedError            401
├── ForbiddenError               403
├── NotFoundError                404
├── MethodNotAllowedError        405
├── ConflictError                409
├── GoneError                    410
├── PreconditionFailedError      412
├── PayloadTooLargeError         413
├── UnsupportedMediaTypeError    415
├── RangeNotSatisfiableError     416
├── UnprocessableError           422
├── PreconditionRequiredError    428
├── RateLimitedError             429  retryable
├── TransientError               503  retryable
│   └── DeadlineExceededError    504  retryable
└── ConfigurationError           500  (a ValueError as well)
```

One object serves every transport: HTTP, gRPC, the command line and queues render it, and a client
turns it back into the class that was raised (`mic.model.error_from_problem`).
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

from mic.model._problem import build_problem

# RFC 9110, section 5.6.2 (token) and 5.5 (field-value: visible characters, blanks and obs-text).
_HEADER_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


class DomainError(Exception):
    """An outcome that a caller handles, with a stable code and a message fit for a client.

    Guarantees:
        - It can be pickled and copied, attributes of a subclass included; neither calls the
          subclass's `__init__`, so a subclass is free in the shape of its own constructor.
        - `to_problem` never raises and gives plain JSON types, whatever `details` holds.
        - `message`, `details` and `headers` are shown to the client. Put no secret, no URL with
          credentials and no text of another system into them.

    A subclass overrides the class attributes; an instance may override them for itself.

    Attributes:
        http_status_code: The HTTP status (400 to 599) that this error is answered with.
        retryable: Whether the same request may succeed later.
        default_code: The code taken when none is given.
        code: The stable dotted code that programs compare (`items.not_found`).
        message: One sentence for the client.
        details: A JSON object with facts for programs, the instance's own copy.
        headers: Response headers sent along with the error over HTTP.
        retry_after_seconds: How long the client should wait, in seconds; `None` says nothing.
    """

    http_status_code: int = 400
    retryable: bool = False
    default_code: ClassVar[str | None] = None

    code: str
    message: str
    details: dict[str, Any]
    headers: Mapping[str, str]
    retry_after_seconds: float | None

    def __init__(
        self,
        *,
        code: str | None = None,
        message: str,
        details: dict[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        retryable: bool | None = None,
        retry_after_seconds: float | None = None,
        http_status_code: int | None = None,
    ) -> None:
        """Describe the outcome.

        Args:
            code: The stable dotted code; `None` takes `default_code`.
            message: One sentence for the client, not empty.
            details: Facts for programs; copied (not deeply).
            headers: Response headers: RFC 9110 token names, values in Latin-1 without control
                characters.
            retryable: Overrides the class's answer for this instance.
            retry_after_seconds: Seconds to wait, finite and not negative.
            http_status_code: Overrides the class's status for this instance, 400 to 599.

        Raises:
            TypeError: `code` or `message` is not a string, or a header is not made of strings.
            ValueError: `code` (with its default) or `message` is empty, or another value is out of
                its range.
        """
        code = self.default_code if code is None else code
        if not code:
            raise ValueError(f"{type(self).__name__}: code must not be empty")
        if not message:
            raise ValueError(f"{type(self).__name__}: message must not be empty")
        if not isinstance(code, str) or not isinstance(message, str):
            raise TypeError(f"{type(self).__name__}: code and message must be strings")
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = dict(details) if details else {}
        self.headers = _checked_headers(headers) if headers else {}
        self.retry_after_seconds = _checked_retry_after(retry_after_seconds)
        if retryable is not None:
            self.retryable = retryable
        if http_status_code is not None:
            if not 400 <= http_status_code <= 599:
                raise ValueError("http_status_code must be between 400 and 599")
            self.http_status_code = http_status_code

    def to_problem(
        self, *, instance: str | None = None, type_base: str = "urn:mic:error:"
    ) -> dict[str, Any]:
        """Render this error as a problem document (RFC 9457) with the family's extension members.

        Guarantees: never raises; the result is made of plain JSON types in the documented order of
        keys, with no reference to `details`. What JSON cannot hold in `details` becomes the name of
        its type; depth and size are bounded.

        Args:
            instance: A URI that identifies this occurrence; left out when `None`.
            type_base: What the percent-encoded code is appended to for the member `type`.
        """
        return build_problem(
            code=self.code,
            message=self.message,
            status=self.http_status_code,
            details=self.details,
            retryable=self.retryable,
            retry_after_seconds=self.retry_after_seconds,
            instance=instance,
            type_base=type_base,
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return _new, (type(self), *self.args), dict(self.__dict__)


class UnauthorizedError(DomainError):
    """The caller is not authenticated (401). Over HTTP the answer carries `WWW-Authenticate`."""

    http_status_code = 401
    default_code = "unauthorized"


class ForbiddenError(DomainError):
    """The caller is known and may not do this (403)."""

    http_status_code = 403
    default_code = "forbidden"


class NotFoundError(DomainError):
    """What was asked for does not exist (404)."""

    http_status_code = 404
    default_code = "not_found"


class MethodNotAllowedError(DomainError):
    """The resource exists and does not support this method (405)."""

    http_status_code = 405
    default_code = "method_not_allowed"


class ConflictError(DomainError):
    """The request conflicts with the present state (409)."""

    http_status_code = 409
    default_code = "conflict"


class GoneError(DomainError):
    """What was asked for existed and is gone for good (410)."""

    http_status_code = 410
    default_code = "gone"


class PreconditionFailedError(DomainError):
    """A precondition of the request, such as `If-Match`, does not hold (412)."""

    http_status_code = 412
    default_code = "precondition_failed"


class PayloadTooLargeError(DomainError):
    """The content is larger than what is accepted (413)."""

    http_status_code = 413
    default_code = "payload_too_large"


class UnsupportedMediaTypeError(DomainError):
    """The content has a type that is not accepted (415)."""

    http_status_code = 415
    default_code = "unsupported_media_type"


class RangeNotSatisfiableError(DomainError):
    """The requested range lies outside of the content (416)."""

    http_status_code = 416
    default_code = "range_not_satisfiable"


class UnprocessableError(DomainError):
    """The request is well formed and its meaning is not acceptable (422)."""

    http_status_code = 422
    default_code = "unprocessable"


class PreconditionRequiredError(DomainError):
    """The request must carry a precondition, such as `If-Match` (428, RFC 6585)."""

    http_status_code = 428
    default_code = "precondition_required"


class RateLimitedError(DomainError):
    """The caller has sent too many requests (429, RFC 6585). Retryable."""

    http_status_code = 429
    retryable = True
    default_code = "rate_limited"


class TransientError(DomainError):
    """Something this service needs is unavailable or too slow at the moment (503). Retryable."""

    http_status_code = 503
    retryable = True
    default_code = "transient.unavailable"


class DeadlineExceededError(TransientError):
    """The time allowed for the request has passed (504). Retryable."""

    http_status_code = 504
    default_code = "transient.deadline_exceeded"


class ConfigurationError(DomainError, ValueError):
    """The service is set up wrongly (500); `public_problem` never shows the text of it."""

    http_status_code = 500
    default_code = "config.invalid"


ErrorFactory = Callable[..., DomainError]
"""Makes an error of `code=`, `message=`, `details=`; a class is restored without its `__init__`."""

ErrorRegistry = Iterable[type[DomainError]] | Mapping[str, ErrorFactory]
"""Classes, each under its `default_code`; or factories by code or by a prefix ending in `.`."""

_BY_STATUS: dict[int, type[DomainError]] = {
    error.http_status_code: error
    for error in (
        DomainError,
        UnauthorizedError,
        ForbiddenError,
        NotFoundError,
        MethodNotAllowedError,
        ConflictError,
        GoneError,
        PreconditionFailedError,
        PayloadTooLargeError,
        UnsupportedMediaTypeError,
        RangeNotSatisfiableError,
        UnprocessableError,
        PreconditionRequiredError,
        RateLimitedError,
        TransientError,
        DeadlineExceededError,
    )
}


def error_class_for(status: int) -> type[DomainError]:
    """Give the error class that stands for an HTTP status.

    Args:
        status: An HTTP status code; any integer is answered.

    Returns:
        The class whose status it is; `TransientError` for any other status of 500 to 599; else
        `DomainError`.
    """
    fallback = TransientError if 500 <= status <= 599 else DomainError
    return _BY_STATUS.get(status, fallback)


def public_problem(
    error: BaseException, *, instance: str | None = None, type_base: str = "urn:mic:error:"
) -> dict[str, Any]:
    """Render any exception as the problem document that a remote caller may see.

    Guarantees: never raises; a `ConfigurationError`, and everything that is no `DomainError`,
    becomes status 500 with code `internal_error` and a fixed message, so that none of its text
    leaves the process.

    Args:
        error: The exception to answer with.
        instance: As in `DomainError.to_problem`.
        type_base: As in `DomainError.to_problem`.
    """
    if isinstance(error, DomainError) and not isinstance(error, ConfigurationError):
        return error.to_problem(instance=instance, type_base=type_base)
    return build_problem(
        code="internal_error",
        message="Internal server error",
        status=500,
        details={},
        retryable=False,
        retry_after_seconds=None,
        instance=instance,
        type_base=type_base,
    )


def _new(cls: type[DomainError], *args: Any) -> DomainError:
    """Make an error without its `__init__`; unpickling then sets each attribute of the state."""
    return cls.__new__(cls, *args)


def _checked_retry_after(seconds: float | None) -> float | None:
    # `not >=` refuses NaN as well.
    if seconds is not None and (not seconds >= 0 or seconds == math.inf):
        raise ValueError("retry_after_seconds must be finite and not negative")
    return seconds


def _checked_headers(headers: Mapping[str, str]) -> dict[str, str]:
    for name, value in headers.items():
        if not isinstance(name, str) or not isinstance(value, str):
            raise TypeError("headers must map strings to strings")
        if not _HEADER_NAME.fullmatch(name):
            raise ValueError("a header name must be a token (RFC 9110, section 5.6.2)")
        if not _HEADER_VALUE.fullmatch(value):
            raise ValueError(
                f"the value of the header {name} must be Latin-1 without control characters"
            )
    return dict(headers)
