"""Verifies tokens: `ServiceAuthVerifier` and its asynchronous form."""

from mic.auth._async.verifier import AsyncServiceAuthVerifier
from mic.auth._sync.verifier import ServiceAuthVerifier

__all__ = ["AsyncServiceAuthVerifier", "ServiceAuthVerifier"]
