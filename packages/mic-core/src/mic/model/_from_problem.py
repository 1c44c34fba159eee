"""Turning a problem document back into an exception; nothing in it is trusted."""

import json
import math
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, TypeGuard

from mic.model import errors as _errors
from mic.model.errors import (
    DomainError,
    ErrorFactory,
    ErrorRegistry,
    TransientError,
    error_class_for,
)

_CODE = re.compile(r"[a-z0-9_]+(?:\.[a-z0-9_]+)*")
_MAX_CODE = 128
_MAX_MESSAGE = 500
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_MAX_DETAILS_BYTES = 16_384
_MAX_DETAILS_DEPTH = 8
# A peer cannot ask for more patience than this.
_MAX_RETRY_AFTER_SECONDS = 366 * 86_400.0
# Request Timeout and Too Early say "later", as a 5xx does.
_TRANSIENT_4XX = frozenset({408, 425})
_FOREIGN, _FOREIGN_TRANSIENT = "upstream.error", "transient.upstream_error"
_FIXED_MESSAGE = "the upstream service answered with an error"


def error_factories(errors: ErrorRegistry) -> Mapping[str, ErrorFactory]:
    """Check an error registry and give it as one read-only mapping, which is a registry too.

    For constructors that accept a registry: it fails early, and `error_from_problem` need not do
    the work again.

    Args:
        errors: Error classes, each of which has a `default_code` of its own; or factories by code,
            or by a prefix of codes that ends in `.`.

    Raises:
        TypeError: Something that is no error class, or a factory that cannot be called.
        ValueError: A class without a `default_code` of its own, or two classes with the same one.
            The codes of the generic classes of `mic.model` are theirs alone: a subclass does not
            inherit them here.
    """
    if isinstance(errors, MappingProxyType):
        return errors
    factories: dict[str, ErrorFactory] = {}
    if isinstance(errors, Mapping):
        for key, factory in errors.items():
            if not isinstance(key, str) or not callable(factory):
                raise TypeError("an error registry maps codes to error classes or factories")
            factories[key] = factory
        return MappingProxyType(factories)
    for cls in errors:
        if not _is_error_class(cls):
            raise TypeError("an error registry holds subclasses of DomainError")
        code = _own_code(cls)
        if factories.setdefault(code, cls) is not cls:
            raise ValueError(f"two error classes have the default_code {code}")
    return MappingProxyType(factories)


def error_from_problem(
    problem: Mapping[str, Any], *, status: int, errors: ErrorRegistry = ()
) -> DomainError:
    """Turn the error body of an upstream service back into the exception that it raised.

    The one reader behind `mic.client` and `mic.grpc`. Guarantees: gives an error for any input; a
    body that is not ours contributes nothing to it, because foreign text may hold anything; for a
    status of 500 and more `message` and `details` are taken only from a full problem document (a
    string `type`, `success` false). A transport that knows the media type leaves `type` out when
    that is not `application/problem+json`.

    The class is what the registry holds for `code`, else for the longest key ending in `.` that
    begins it, else that of the status (`error_class_for`; 408 and 425 are a `TransientError`). A
    registered class is restored through `DomainError.__init__` alone; a factory that fails falls
    back to the class of the status. `retryable` and `retry_after_seconds` are carried over. A
    status below 500 is kept on the error.

    Args:
        problem: The decoded body; empty when there was none. It is ours when `code` is a dotted
            code of at most 128 characters and `message` a string with a printable character; of
            that 500 characters are kept, without control characters. `details` of more than 16 KiB
            or 8 levels are dropped.
        status: The HTTP status of the answer.
        errors: Which classes may come back; see `error_factories`.

    Raises:
        TypeError: `errors` is malformed.
        ValueError: `errors` is malformed.
    """
    factories = error_factories(errors)
    code, message = _text(problem.get("code")), _clean(problem.get("message"))
    by_status = TransientError if status in _TRANSIENT_4XX else error_class_for(status)
    if len(code) > _MAX_CODE or not _CODE.fullmatch(code) or not message.strip():
        code = _FOREIGN_TRANSIENT if issubclass(by_status, TransientError) else _FOREIGN
        return _restore(by_status, code, _FIXED_MESSAGE, {}, status)
    details: dict[str, Any] = {}
    if status < 500 or _is_full(problem):
        details = _bounded_details(problem.get("details"))
    else:
        message = _FIXED_MESSAGE
    error = _registered(_find(factories, code), code, message, details, status)
    if error is None:
        error = _restore(by_status, code, message, details, status)
    retryable = problem.get("retryable")
    if isinstance(retryable, bool):
        error.retryable = retryable
    retry_after = _seconds(problem.get("retry_after_seconds"))
    if retry_after is not None:
        error.retry_after_seconds = retry_after
    return error


def _is_error_class(value: Any) -> TypeGuard[type[DomainError]]:
    return isinstance(value, type) and issubclass(value, DomainError)


def _own_code(cls: type[DomainError]) -> str:
    owner = next(base for base in cls.__mro__ if "default_code" in base.__dict__)
    inherited = owner is not cls and owner.__module__ == _errors.__name__
    if not cls.default_code or inherited:
        raise ValueError(f"{cls.__name__} needs a default_code of its own to be registered")
    return cls.default_code


def _find(factories: Mapping[str, ErrorFactory], code: str) -> ErrorFactory | None:
    found = factories.get(code)
    end = len(code)
    while found is None and (end := code.rfind(".", 0, end)) != -1:
        found = factories.get(code[: end + 1])
    return found


def _registered(
    factory: ErrorFactory | None, code: str, message: str, details: dict[str, Any], status: int
) -> DomainError | None:
    if factory is None:
        return None
    try:
        if _is_error_class(factory):
            return _restore(factory, code, message, details, status)
        made: Any = factory(code=code, message=message, details=details)
    except Exception:
        # The upstream's outcome matters more than a factory that cannot express it.
        return None
    return made if isinstance(made, DomainError) else None


def _restore(
    cls: type[DomainError], code: str, message: str, details: dict[str, Any], status: int
) -> DomainError:
    error = cls.__new__(cls)
    # A 4xx says what the caller did wrong, so it is passed on as it is; a 5xx is this class's own
    # statement.
    kept = status if 400 <= status < 500 and status not in _TRANSIENT_4XX else None
    DomainError.__init__(error, code=code, message=message, details=details, http_status_code=kept)
    return error


def _is_full(problem: Mapping[str, Any]) -> bool:
    return isinstance(problem.get("type"), str) and problem.get("success") is False


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _clean(value: Any) -> str:
    # Cut first, so that the work does not depend on the sender; four times leaves room for what is
    # removed.
    return _CONTROL.sub("", _text(value)[: 4 * _MAX_MESSAGE])[:_MAX_MESSAGE]


def _seconds(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    if not 0 <= value < math.inf:
        return None
    return min(value, _MAX_RETRY_AFTER_SECONDS)


def _bounded_details(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict) or not value or not _is_small(value):
        return {}
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
        if len(text.encode()) > _MAX_DETAILS_BYTES:
            return {}
    except (TypeError, ValueError):
        return {}
    details: dict[str, Any] = json.loads(text)
    return details


def _is_small(value: dict[str, Any]) -> bool:
    """Whether depth and number of values are within bounds: before encoding, to bound that too."""
    level: list[Any] = [value]
    left = _MAX_DETAILS_BYTES
    for _ in range(_MAX_DETAILS_DEPTH):
        below: list[Any] = []
        for container in level:
            left -= len(container)
            if left < 0:
                return False
            members = container.values() if isinstance(container, dict) else container
            below += [member for member in members if isinstance(member, (dict, list, tuple))]
        if not below:
            return True
        level = below
    return False
