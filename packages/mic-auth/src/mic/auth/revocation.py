"""Takes tokens back before they end: `RevocationList` and its asynchronous form."""

from mic.auth._async.revocations import AsyncRevocationList
from mic.auth._stores import AsyncRevocationStore, RevocationStore
from mic.auth._sync.revocations import RevocationList

__all__ = [
    "AsyncRevocationList",
    "AsyncRevocationStore",
    "RevocationList",
    "RevocationStore",
    "RevokeBlacklist",
]

RevokeBlacklist = RevocationList
