"""Runs mic HTTP routes on FastAPI."""

from mic.fastapi.app import build_fastapi_app, error_handlers, install_error_handlers
from mic.fastapi.middlewares import (
    AuthGateMiddleware,
    CorrelationMiddleware,
    CsrfMiddleware,
    MetricsMiddleware,
    MetricsRecorder,
    MicStack,
    MicStackMiddleware,
    RateLimitMiddleware,
    SecurityHeaders,
    SecurityHeadersMiddleware,
    ServiceAuthMiddleware,
)
from mic.fastapi.router import build_fastapi_router
from mic.fastapi.serve import serve

__all__ = [
    "AuthGateMiddleware",
    "CorrelationMiddleware",
    "CsrfMiddleware",
    "MetricsMiddleware",
    "MetricsRecorder",
    "MicStack",
    "MicStackMiddleware",
    "RateLimitMiddleware",
    "SecurityHeaders",
    "SecurityHeadersMiddleware",
    "ServiceAuthMiddleware",
    "build_fastapi_app",
    "build_fastapi_router",
    "error_handlers",
    "install_error_handlers",
    "serve",
]
