"""The published place of `RevokeBlacklist`, which is `RevocationList` today."""

from mic.auth.revocation import AsyncRevocationList, RevocationList, RevokeBlacklist

__all__ = ["AsyncRevocationList", "RevocationList", "RevokeBlacklist"]
