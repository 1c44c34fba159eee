"""Short-lived signed tokens by which one service proves to another who calls, and for whom.

With a shared secret alone (`secrets=`), everybody who holds the secret can sign as any of the
allowed issuers; give every issuer its own keys (`keys=`) where that matters.
"""

from typing import TYPE_CHECKING

from mic.auth._jwks_route import jwks_route
from mic.auth.claims import ServiceAuthClaims
from mic.auth.errors import ServiceAuthError
from mic.auth.key_ring import AsyncKeySource, KeyRing, KeySource
from mic.auth.keys import MIN_SECRET_BYTES, Algorithm, ServiceKey
from mic.auth.replay import (
    AsyncCacheReplayGuard,
    AsyncReplayGuard,
    AsyncReplayStore,
    CacheReplayGuard,
    InMemoryReplayGuard,
    ReplayGuard,
    ReplayStore,
)
from mic.auth.revocation import (
    AsyncRevocationList,
    AsyncRevocationStore,
    RevocationList,
    RevocationStore,
    RevokeBlacklist,
)
from mic.auth.signer import ServiceAuthSigner
from mic.auth.verifier import AsyncServiceAuthVerifier, ServiceAuthVerifier
from mic.plugins import LazyExport, make_lazy_exports

if TYPE_CHECKING:
    from mic.auth.jwks_source import AsyncJwksSource as AsyncJwksSource
    from mic.auth.jwks_source import JwksSource as JwksSource

__getattr__, __dir__ = make_lazy_exports(
    __name__,
    {
        name: LazyExport(
            module="mic.auth.jwks_source",
            distribution="mic-auth[oidc]",
            extra="all",
            requires=("httpx", "cryptography"),
        )
        for name in ("AsyncJwksSource", "JwksSource")
    },
)

__all__ = [
    "Algorithm",
    "AsyncCacheReplayGuard",
    "AsyncKeySource",
    "AsyncReplayGuard",
    "AsyncReplayStore",
    "AsyncRevocationList",
    "AsyncRevocationStore",
    "AsyncServiceAuthVerifier",
    "CacheReplayGuard",
    "InMemoryReplayGuard",
    "KeyRing",
    "KeySource",
    "MIN_SECRET_BYTES",
    "ReplayGuard",
    "ReplayStore",
    "RevocationList",
    "RevocationStore",
    "RevokeBlacklist",
    "ServiceAuthClaims",
    "ServiceAuthError",
    "ServiceAuthSigner",
    "ServiceAuthVerifier",
    "ServiceKey",
    "jwks_route",
]
