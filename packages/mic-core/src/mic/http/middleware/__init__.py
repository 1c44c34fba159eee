"""Plain ASGI middleware, for any host: each class alone, or all at once (`MicStackMiddleware`)."""

from mic.http.middleware._refusals import HttpResponder
from mic.http.middleware.auth_gate import AuthGateMiddleware
from mic.http.middleware.correlation import (
    CorrelationFinishHook,
    CorrelationMiddleware,
    CorrelationStartHook,
)
from mic.http.middleware.csrf import CsrfMiddleware
from mic.http.middleware.metrics import MetricsMiddleware
from mic.http.middleware.rate_limit import RateLimitMiddleware, RequestLimiter
from mic.http.middleware.recorder import HttpRequestSample, MetricsRecorder
from mic.http.middleware.security_headers import SecurityHeaders, SecurityHeadersMiddleware
from mic.http.middleware.service_auth import ServiceAuthMiddleware, TokenVerifier
from mic.http.middleware.stack import MicStack, MicStackMiddleware

__all__ = [
    "AuthGateMiddleware",
    "CorrelationFinishHook",
    "CorrelationMiddleware",
    "CorrelationStartHook",
    "CsrfMiddleware",
    "HttpRequestSample",
    "HttpResponder",
    "MetricsMiddleware",
    "MetricsRecorder",
    "MicStack",
    "MicStackMiddleware",
    "RateLimitMiddleware",
    "RequestLimiter",
    "SecurityHeaders",
    "SecurityHeadersMiddleware",
    "ServiceAuthMiddleware",
    "TokenVerifier",
]
