"""What the verification of a token ends with when it does not end with claims."""

from mic.model import TransientError, UnauthorizedError

__all__ = ["ServiceAuthError"]


class ServiceAuthError(UnauthorizedError):
    """A token was refused (401).

    Guarantees: the message is the same for every reason and `details` is empty, so that a caller
    who guesses learns nothing from the text; only `code` tells the reasons apart. Neither the error
    nor what it is chained to holds the token.

    Codes: `service_auth.` and `invalid_token`, `malformed`, `invalid_algorithm`, `invalid_issuer`,
    `unknown_key`, `invalid_signature`, `missing_claim`, `invalid_audience`, `expired`,
    `not_yet_valid`, `missing_subject`, `invalid_scope`, `revoked`, `replayed`.
    """

    default_code = "service_auth.invalid_token"


def refusal(reason: str) -> ServiceAuthError:
    """Make the error of a reason, such as `expired` (RFC 6750, section 3.1)."""
    return ServiceAuthError(
        code=f"service_auth.{reason}",
        message="Token verification failed",
        headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
    )


def jwks_unavailable() -> TransientError:
    """The keys of an issuer can not be had, so nobody can tell whether a token is good."""
    return TransientError(
        code="transient.jwks_unavailable", message="The keys of the issuer are not available"
    )


def revocation_unavailable() -> TransientError:
    """Nobody can tell whether a token has been revoked."""
    return TransientError(
        code="transient.revocation_unavailable",
        message="Whether the token has been revoked can not be told",
    )


def replay_unavailable() -> TransientError:
    """Nobody can tell whether a token has been presented before."""
    return TransientError(
        code="transient.replay_unavailable",
        message="Whether the token has been presented before can not be told",
    )
