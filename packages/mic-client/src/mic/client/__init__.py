"""Calls another service over HTTP as this service: signed, in time, repeated where that is safe.

What the other service raised is raised here again: `mic.model.error_from_problem`.
"""

from mic.client.errors import UpstreamResponseError
from mic.client.protocols import (
    AsyncBreaker,
    Breaker,
    ClientObserver,
    Propagator,
    RetryBudget,
    TokenSigner,
)
from mic.client.retry import HttpRetryPolicy
from mic.client.service_http_client import AsyncServiceHttpClient, ServiceHttpClient

__all__ = [
    "AsyncBreaker",
    "AsyncServiceHttpClient",
    "Breaker",
    "ClientObserver",
    "HttpRetryPolicy",
    "Propagator",
    "RetryBudget",
    "ServiceHttpClient",
    "TokenSigner",
    "UpstreamResponseError",
]
