"""One request with the answer it must get, and what of an answer can be compared between hosts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mic.http import HttpOptions, HttpRouteSpec, MicStack
from mic.testing.route_client import ClientOptions, RequestOptions, RouteResponse

# made anew for every answer: a request id, a time
_VOLATILE = frozenset({"x-request-id", "x-correlation-id", "x-response-time-ms", "date"})


@dataclass(frozen=True, slots=True)
class Case:
    """One request, and what is known of its answer without looking at any host.

    Attributes:
        method: The method.
        path: The request target as it goes out.
        status: The status of the answer; 499 where the client leaves and there is none.
        code: The `code` of the problem document.
        body: The exact body.
        headers: Headers and their exact values; `None` for a header that must be absent.
        errors: The `errors` of a validation problem, each as `in pointer type`.
        send: What the request has besides.
        settings: What the connection has besides.
        aborted: Whether the connection is aborted before the answer has come to its end.
        why: What the case is about, where the request does not say it.
    """

    method: str
    path: str
    status: int
    code: str | None = None
    body: bytes | None = None
    headers: Mapping[str, str | None] = field(default_factory=dict)
    errors: Sequence[str] | None = None
    send: RequestOptions = field(default_factory=RequestOptions)
    settings: ClientOptions = field(default_factory=lambda: ClientOptions(raise_errors=False))
    aborted: bool = False
    why: str = ""

    def __str__(self) -> str:
        """The test id."""
        target = self.path if len(self.path) <= 40 else f"{self.path[:40]}..."
        return f"{self.method} {target} {self.why}".strip()

    def verify(self, answer: RouteResponse) -> None:
        """Compare an answer with what is known of it.

        Raises:
            AssertionError: It differs.
        """
        assert answer.status_code == self.status, f"{answer.status_code} {answer.body!r}"
        assert answer.complete == (answer.answered and not self.aborted)
        if self.status >= 400:
            assert b"canary" not in answer.body, "a value of the request or the text of an error"
        if self.body is not None:
            assert answer.body == self.body
        for name, value in self.headers.items():
            assert answer.header(name) == value, f"{name}: {answer.headers}"
        if self.code is not None and self.method != "HEAD":
            _verify_problem(self, answer)


def _verify_problem(case: Case, answer: RouteResponse) -> None:
    assert answer.header("content-type") == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["code"] == case.code, problem
    assert problem["status"] == case.status
    assert problem["success"] is False
    assert {"type", "title", "detail", "message", "details", "retryable"} <= set(problem)
    if case.errors is not None:
        found = [f"{error['in']} {error['pointer']} {error['type']}" for error in problem["errors"]]
        assert found == list(case.errors)


@dataclass(frozen=True, slots=True)
class CorpusApp:
    """Routes, how they are served, and the requests that are sent to them.

    Attributes:
        name: Name in test ids.
        routes: Makes the routes; given a folder that holds nothing but what it puts there.
        cases: The requests.
        options: How the routes are served.
        stack: The middleware around them.
    """

    name: str
    routes: Callable[[Path], Sequence[HttpRouteSpec]]
    cases: Sequence[Case]
    options: HttpOptions | None = None
    stack: MicStack | None = None


def comparable(answer: RouteResponse) -> tuple[object, ...]:
    """What two hosts must agree on: status, ordered headers, bytes, and whether the answer ended.

    Generated ids and times are reduced to their presence.
    """
    headers = tuple(
        (name, b"" if name.decode("latin-1") in _VOLATILE else value)
        for name, value in answer.raw_headers
    )
    return (answer.status_code, headers, answer.body, answer.answered, answer.complete)
