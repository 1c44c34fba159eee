"""Runs `mic.http` routes on Litestar: a router or a whole app, answering as every host does."""

from mic.litestar.app import build_litestar_app, error_handlers, install_error_handlers
from mic.litestar.middlewares import (
    AuthGateMiddleware,
    AuthGateResponder,
    CorrelationMiddleware,
    CorrelationStartHook,
    CsrfMiddleware,
    CsrfRejectResponder,
    HttpRequestSample,
    MetricsMiddleware,
    MetricsRecorder,
    MicStack,
    MicStackMiddleware,
    RateLimitMiddleware,
    RequestLimiter,
    SecurityHeaders,
    SecurityHeadersMiddleware,
    ServiceAuthMiddleware,
    TokenVerifier,
)
from mic.litestar.router import build_litestar_router
from mic.litestar.serve import serve

__all__ = [
    "AuthGateMiddleware",
    "AuthGateResponder",
    "CorrelationMiddleware",
    "CorrelationStartHook",
    "CsrfMiddleware",
    "CsrfRejectResponder",
    "HttpRequestSample",
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
    "build_litestar_app",
    "build_litestar_router",
    "error_handlers",
    "install_error_handlers",
    "serve",
]
