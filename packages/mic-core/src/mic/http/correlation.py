"""The ids that tie the logs, calls and answers of one request together."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mic.http._fields import is_token
from mic.http._fork import after_fork

__all__ = [
    "DEFAULT_CORRELATION_HEADER",
    "DEFAULT_REQUEST_HEADER",
    "DEFAULT_RESPONSE_TIME_HEADER",
    "CorrelationFinish",
    "CorrelationSpec",
    "CorrelationStart",
    "finish_correlation",
    "is_valid_id",
    "new_id",
    "start_correlation",
]

DEFAULT_CORRELATION_HEADER = "X-Correlation-Id"
DEFAULT_REQUEST_HEADER = "X-Request-Id"
DEFAULT_RESPONSE_TIME_HEADER = "X-Response-Time-ms"

_UNSENDABLE = re.compile(r"[\x00-\x1f\x7f]|[^\x00-\xff]")
_VALID_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")

# Ids have to differ, not to be secret, so a generator that makes no system call is enough. A forked
# child would repeat its parent's ids: it gets a seed of its own.
_random = random.Random()  # nosec B311 - ids are no secrets
after_fork(_random.seed)
_bits = _random.getrandbits
# version 4 in bits 76..79, variant 10 in bits 62..63 (RFC 9562, section 5.4)
_RANDOM_BITS = ((1 << 128) - 1) & ~(0xF << 76) & ~(0x3 << 62)
_FIXED_BITS = (0x4 << 76) | (0x2 << 62)


def new_id() -> str:
    """Make an id: 32 hex digits in the shape of a version 4 UUID (RFC 9562, section 5.4).

    Guarantees: unique for all practical purposes, across threads and forked processes too. Not a
    secret: it can be predicted from earlier ones.
    """
    # half the time of formatting the number
    return (_bits(128) & _RANDOM_BITS | _FIXED_BITS).to_bytes(16, "big").hex()


def is_valid_id(text: str) -> bool:
    """Tell whether an id of a request may be taken over: 1 to 128 of `A-Z a-z 0-9 . _ -`."""
    return _VALID_ID.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class CorrelationSpec:
    """Names of the headers, and where ids come from.

    Attributes:
        correlation_header: Header of the id that every hop of a request shares.
        request_header: Header of the id of this hop.
        response_time_header: Response header with the milliseconds to the first byte.
        correlation_id_factory: Makes a correlation id where the request brings no valid one.
        request_id_factory: Makes a request id where the request brings no valid one.
        id_validator: Decides whether an id of the request is taken over. It guards logs and
            response headers: accept nothing that is not safe in both.

    Raises:
        ValueError: A header name is no token (RFC 9110, section 5.6.2).
    """

    correlation_header: str = DEFAULT_CORRELATION_HEADER
    request_header: str = DEFAULT_REQUEST_HEADER
    response_time_header: str = DEFAULT_RESPONSE_TIME_HEADER
    correlation_id_factory: Callable[[], str] = new_id
    request_id_factory: Callable[[], str] = new_id
    id_validator: Callable[[str], bool] = is_valid_id

    def __post_init__(self) -> None:
        for name in (self.correlation_header, self.request_header, self.response_time_header):
            if not is_token(name):
                msg = f"{name!r} is not a header name (RFC 9110, section 5.6.2)"
                raise ValueError(msg)

    def begin(self, correlation_id: str | None, request_id: str | None) -> CorrelationStart:
        """Start with the ids that a request brings; `None` for one that it does not bring.

        Raises:
            ValueError: A factory made an id that does not fit into a header.
        """
        return CorrelationStart(
            self._accepted(correlation_id) or _made(self.correlation_id_factory),
            self._accepted(request_id) or _made(self.request_id_factory),
            time.perf_counter(),
        )

    def _accepted(self, given: str | None) -> str | None:
        return given if given and self.id_validator(given) else None


def _made(factory: Callable[[], str]) -> str:
    made = factory()
    if factory is not new_id and (not made or _UNSENDABLE.search(made) is not None):
        msg = "an id factory must make visible latin-1 text"
        raise ValueError(msg)
    return made


_DEFAULT_SPEC = CorrelationSpec()


@dataclass(frozen=True, slots=True)
class CorrelationStart:
    """The ids of a request, and when it came.

    Attributes:
        correlation_id: The id that every hop shares.
        request_id: The id of this hop.
        started_at_perf: Seconds on the clock of `time.perf_counter()`.
    """

    correlation_id: str
    request_id: str
    started_at_perf: float


@dataclass(frozen=True, slots=True)
class CorrelationFinish:
    """The ids of a request, and how long its answer took.

    Attributes:
        correlation_id: The id that every hop shares.
        request_id: The id of this hop.
        duration_ms: Whole milliseconds, rounded down.
    """

    correlation_id: str
    request_id: str
    duration_ms: int


def start_correlation(
    *, headers: Mapping[str, str], spec: CorrelationSpec | None = None
) -> CorrelationStart:
    """Give a request its ids.

    Guarantees: an id of the request is taken over only when the validator of `spec` accepts it;
    otherwise a new one is made. Nothing of a refused id is kept.

    Args:
        headers: The headers of a request, or the metadata of a call; names in any case.
        spec: Names, factories and validator; by default those of `CorrelationSpec()`.
    """
    spec = _DEFAULT_SPEC if spec is None else spec
    wanted = {spec.correlation_header.lower(), spec.request_header.lower()}
    found = {name.lower(): value for name, value in headers.items() if name.lower() in wanted}
    return spec.begin(
        found.get(spec.correlation_header.lower()), found.get(spec.request_header.lower())
    )


def finish_correlation(*, start: CorrelationStart) -> CorrelationFinish:
    """Say how long it took since `start`, by the monotonic clock."""
    elapsed = time.perf_counter() - start.started_at_perf
    return CorrelationFinish(start.correlation_id, start.request_id, int(elapsed * 1000))
