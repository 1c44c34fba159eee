"""Key sets over HTTPS: `JwksSource` and its asynchronous form. Needs `mic-auth[oidc]`."""

from mic.auth._async.jwks_source import AsyncJwksSource
from mic.auth._sync.jwks_source import JwksSource

__all__ = ["AsyncJwksSource", "JwksSource"]
