"""The published place of claims, signer and verifier."""

from mic.auth.claims import ServiceAuthClaims
from mic.auth.errors import ServiceAuthError
from mic.auth.signer import ServiceAuthSigner
from mic.auth.verifier import AsyncServiceAuthVerifier, ServiceAuthVerifier

__all__ = [
    "AsyncServiceAuthVerifier",
    "ServiceAuthClaims",
    "ServiceAuthError",
    "ServiceAuthSigner",
    "ServiceAuthVerifier",
]
