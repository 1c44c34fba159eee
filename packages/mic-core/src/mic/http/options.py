"""The options that a set of routes is compiled with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from mic.http._threads import WorkerPool
from mic.http._types import ASGIApp
from mic.http.route_spec import Guard

if TYPE_CHECKING:
    from mic.http.authenticators import Authenticator

ForwardHeader = Literal["x-forwarded-for", "forwarded"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpOptions:
    """How routes are served. Frozen; every default is safe.

    Attributes:
        authenticator: Who turns credentials into a `Principal` for routes that are not public.
        admin_role: Role that `AuthMode.ADMIN` asks for.
        guards: Guards in front of every route's own.
        middleware: ASGI middleware around every route, outside its own; route and principal are
            known there.
        max_body_bytes: Limit of a body in bytes.
        max_multipart_bytes: Limit of a multipart body in bytes.
        max_form_parts: Limit of the parts of a form.
        max_query_parameters: Limit of the query parameters of a request.
        max_validation_errors: How many errors a 400 lists.
        strict_content_type: Whether a body needs the right `Content-Type`. `False` lets a
            cross-site form post JSON.
        thread_limit: Worker threads for synchronous code.
        thread_queue_limit: Calls that may wait for a thread; more are answered 503.
        deadline_header: Request header with the caller's patience in milliseconds; `None` ignores
            it.
        problem_type_base: Prefix of the `type` member of problem documents (RFC 9457, section
            3.1.1).
        trusted_proxies: CIDR strings, or `unix`, of proxies whose word about the client's address
            counts.
        forward_header: The one header that those proxies write.

    Raises:
        ValueError: A limit below 1 (0 is allowed for `thread_queue_limit`).
    """

    authenticator: Authenticator | None = None
    admin_role: str = "admin"
    guards: tuple[Guard, ...] = ()
    middleware: tuple[Callable[[ASGIApp], ASGIApp], ...] = ()
    max_body_bytes: int = 1_048_576
    max_multipart_bytes: int = 16_777_216
    max_form_parts: int = 200
    max_query_parameters: int = 100
    max_validation_errors: int = 20
    strict_content_type: bool = True
    thread_limit: int = 40
    thread_queue_limit: int = 1_000
    deadline_header: str | None = "X-Request-Timeout-Ms"
    problem_type_base: str = "urn:mic:error:"
    trusted_proxies: tuple[str, ...] = ()
    forward_header: ForwardHeader = "x-forwarded-for"
    _workers: WorkerPool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for name in (
            "max_body_bytes",
            "max_multipart_bytes",
            "max_form_parts",
            "max_query_parameters",
            "max_validation_errors",
            "thread_limit",
        ):
            if getattr(self, name) < 1:
                msg = f"HttpOptions.{name} must be at least 1"
                raise ValueError(msg)
        if self.thread_queue_limit < 0:
            msg = "HttpOptions.thread_queue_limit must be at least 0"
            raise ValueError(msg)
        pool = WorkerPool(limit=self.thread_limit, queue_limit=self.thread_queue_limit)
        object.__setattr__(self, "_workers", pool)

    @property
    def workers(self) -> WorkerPool:
        """The worker threads of these options: one pool for all that equal the defaults, one of its
        own for any other.
        """
        # asked at every request, so the comparison of all fields comes last
        shared = self is DEFAULT_OPTIONS or self == DEFAULT_OPTIONS
        return DEFAULT_OPTIONS._workers if shared else self._workers


DEFAULT_OPTIONS = HttpOptions()
"""What `options=None` means everywhere; all its users share one pool of worker threads."""
