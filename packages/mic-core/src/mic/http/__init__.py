"""HTTP routes as data, served the same by FastAPI, Litestar and the bare ASGI app.

Importing this portion imports no framework and reads no environment.
"""

from typing import TYPE_CHECKING

from mic.plugins import make_lazy_names

if TYPE_CHECKING:
    from mic.http._auth_mode import (
        AuthMode,
    )
    from mic.http._run import (
        CompiledRoute,
        compile_route,
    )
    from mic.http._sse import (
        SseEvent,
    )
    from mic.http.api_key import (
        hash_api_key,
        parse_api_key,
        verify_api_key,
    )
    from mic.http.asgi import (
        Lifespan,
        build_asgi_app,
    )
    from mic.http.auth_gate import (
        DEFAULT_ACCESS_COOKIE,
        DEFAULT_ADMIN_ROLE,
        DEFAULT_SERVICE_AUTH_HEADER,
        AuthDecision,
        AuthOutcome,
        AuthPolicy,
        ResolveRoleCallback,
        VerifyTokenCallback,
        build_auth_policy,
        evaluate_auth,
    )
    from mic.http.authenticators import (
        Authenticator,
        api_key_authenticator,
        basic_authenticator,
        bearer_authenticator,
        composite_authenticator,
    )
    from mic.http.basic_auth import (
        parse_basic_auth,
    )
    from mic.http.bearer import (
        parse_bearer_token,
    )
    from mic.http.client_address import (
        ForwardHeader,
        TrustedProxies,
        resolve_client_address,
    )
    from mic.http.conditional import (
        etag_of,
        is_fresh,
        require_match,
    )
    from mic.http.context import (
        RequestState,
        bind,
        current_correlation,
        current_deadline,
        propagation_headers,
        request_state,
    )
    from mic.http.cookies import (
        CookieSameSite,
        HttpCookieSpec,
    )
    from mic.http.correlation import (
        DEFAULT_CORRELATION_HEADER,
        DEFAULT_REQUEST_HEADER,
        DEFAULT_RESPONSE_TIME_HEADER,
        CorrelationFinish,
        CorrelationSpec,
        CorrelationStart,
        finish_correlation,
        start_correlation,
    )
    from mic.http.csrf import (
        DEFAULT_AUTH_COOKIES,
        DEFAULT_CSRF_COOKIE,
        DEFAULT_CSRF_HEADER,
        DEFAULT_PROTECTED_METHODS,
        CsrfDecision,
        CsrfOutcome,
        CsrfPolicy,
        csrf_cookie,
        evaluate_csrf,
        issue_csrf_token,
    )
    from mic.http.middleware import (
        AuthGateMiddleware,
        CorrelationMiddleware,
        CorrelationStartHook,
        CsrfMiddleware,
        HttpRequestSample,
        HttpResponder,
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
    from mic.http.openapi import (
        OpenApiInfo,
        build_openapi,
    )
    from mic.http.options import (
        HttpOptions,
    )
    from mic.http.params import (
        Body,
        Cookie,
        File,
        Form,
        Header,
        Path,
        Query,
        UploadedFile,
    )
    from mic.http.principal import (
        Principal,
        principal_of,
    )
    from mic.http.request_context import (
        HttpRequestContext,
    )
    from mic.http.responses import (
        HttpResponseSpec,
    )
    from mic.http.route_spec import (
        Guard,
        HttpHandler,
        HttpMethod,
        HttpRouteSpec,
        RouteDefinitionError,
    )
    from mic.http.table import (
        RouteMatch,
        RouteTable,
        compile_routes,
    )
else:
    __getattr__, __dir__ = make_lazy_names(
        __name__,
        {
            "mic.http._auth_mode": ("AuthMode",),
            "mic.http._run": (
                "CompiledRoute",
                "compile_route",
            ),
            "mic.http._sse": ("SseEvent",),
            "mic.http.api_key": (
                "hash_api_key",
                "parse_api_key",
                "verify_api_key",
            ),
            "mic.http.asgi": (
                "Lifespan",
                "build_asgi_app",
            ),
            "mic.http.auth_gate": (
                "DEFAULT_ACCESS_COOKIE",
                "DEFAULT_ADMIN_ROLE",
                "DEFAULT_SERVICE_AUTH_HEADER",
                "AuthDecision",
                "AuthOutcome",
                "AuthPolicy",
                "ResolveRoleCallback",
                "VerifyTokenCallback",
                "build_auth_policy",
                "evaluate_auth",
            ),
            "mic.http.authenticators": (
                "Authenticator",
                "api_key_authenticator",
                "basic_authenticator",
                "bearer_authenticator",
                "composite_authenticator",
            ),
            "mic.http.basic_auth": ("parse_basic_auth",),
            "mic.http.bearer": ("parse_bearer_token",),
            "mic.http.client_address": (
                "ForwardHeader",
                "TrustedProxies",
                "resolve_client_address",
            ),
            "mic.http.conditional": (
                "etag_of",
                "is_fresh",
                "require_match",
            ),
            "mic.http.context": (
                "RequestState",
                "bind",
                "current_correlation",
                "current_deadline",
                "propagation_headers",
                "request_state",
            ),
            "mic.http.cookies": (
                "CookieSameSite",
                "HttpCookieSpec",
            ),
            "mic.http.correlation": (
                "DEFAULT_CORRELATION_HEADER",
                "DEFAULT_REQUEST_HEADER",
                "DEFAULT_RESPONSE_TIME_HEADER",
                "CorrelationFinish",
                "CorrelationSpec",
                "CorrelationStart",
                "finish_correlation",
                "start_correlation",
            ),
            "mic.http.csrf": (
                "DEFAULT_AUTH_COOKIES",
                "DEFAULT_CSRF_COOKIE",
                "DEFAULT_CSRF_HEADER",
                "DEFAULT_PROTECTED_METHODS",
                "CsrfDecision",
                "CsrfOutcome",
                "CsrfPolicy",
                "csrf_cookie",
                "evaluate_csrf",
                "issue_csrf_token",
            ),
            "mic.http.middleware": (
                "AuthGateMiddleware",
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
            ),
            "mic.http.openapi": (
                "OpenApiInfo",
                "build_openapi",
            ),
            "mic.http.options": ("HttpOptions",),
            "mic.http.params": (
                "Body",
                "Cookie",
                "File",
                "Form",
                "Header",
                "Path",
                "Query",
                "UploadedFile",
            ),
            "mic.http.principal": (
                "Principal",
                "principal_of",
            ),
            "mic.http.request_context": ("HttpRequestContext",),
            "mic.http.responses": ("HttpResponseSpec",),
            "mic.http.route_spec": (
                "Guard",
                "HttpHandler",
                "HttpMethod",
                "HttpRouteSpec",
                "RouteDefinitionError",
            ),
            "mic.http.table": (
                "RouteMatch",
                "RouteTable",
                "compile_routes",
            ),
        },
    )

__all__ = [
    "AuthDecision",
    "AuthGateMiddleware",
    "AuthMode",
    "AuthOutcome",
    "AuthPolicy",
    "Authenticator",
    "Body",
    "CompiledRoute",
    "Cookie",
    "CookieSameSite",
    "CorrelationFinish",
    "CorrelationMiddleware",
    "CorrelationSpec",
    "CorrelationStart",
    "CorrelationStartHook",
    "CsrfDecision",
    "CsrfMiddleware",
    "CsrfOutcome",
    "CsrfPolicy",
    "DEFAULT_ACCESS_COOKIE",
    "DEFAULT_ADMIN_ROLE",
    "DEFAULT_AUTH_COOKIES",
    "DEFAULT_CORRELATION_HEADER",
    "DEFAULT_CSRF_COOKIE",
    "DEFAULT_CSRF_HEADER",
    "DEFAULT_PROTECTED_METHODS",
    "DEFAULT_REQUEST_HEADER",
    "DEFAULT_RESPONSE_TIME_HEADER",
    "DEFAULT_SERVICE_AUTH_HEADER",
    "File",
    "Form",
    "ForwardHeader",
    "Guard",
    "Header",
    "HttpCookieSpec",
    "HttpHandler",
    "HttpMethod",
    "HttpOptions",
    "HttpRequestContext",
    "HttpRequestSample",
    "HttpResponder",
    "HttpResponseSpec",
    "HttpRouteSpec",
    "Lifespan",
    "MetricsMiddleware",
    "MetricsRecorder",
    "MicStack",
    "MicStackMiddleware",
    "OpenApiInfo",
    "Path",
    "Principal",
    "Query",
    "RateLimitMiddleware",
    "RequestLimiter",
    "RequestState",
    "ResolveRoleCallback",
    "RouteDefinitionError",
    "RouteMatch",
    "RouteTable",
    "SecurityHeaders",
    "SecurityHeadersMiddleware",
    "ServiceAuthMiddleware",
    "SseEvent",
    "TokenVerifier",
    "TrustedProxies",
    "UploadedFile",
    "VerifyTokenCallback",
    "api_key_authenticator",
    "basic_authenticator",
    "bearer_authenticator",
    "bind",
    "build_asgi_app",
    "build_auth_policy",
    "build_openapi",
    "compile_route",
    "compile_routes",
    "composite_authenticator",
    "csrf_cookie",
    "current_correlation",
    "current_deadline",
    "etag_of",
    "evaluate_auth",
    "evaluate_csrf",
    "finish_correlation",
    "hash_api_key",
    "is_fresh",
    "issue_csrf_token",
    "parse_api_key",
    "parse_basic_auth",
    "parse_bearer_token",
    "principal_of",
    "propagation_headers",
    "request_state",
    "require_match",
    "resolve_client_address",
    "start_correlation",
    "verify_api_key",
]
