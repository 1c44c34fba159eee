"""Which services may call, and how this one proves who it is."""

from mic.auth import ServiceAuthSigner, ServiceAuthVerifier
from mic.model import ConfigurationError

from {{ cookiecutter.__package_name }}.settings import Settings

GENERATED = "development-"
"""How the secret begins that `make bootstrap-dev` writes into `.env`."""

_DEVELOPMENT = frozenset({"develop", "test"})
"""The deployment environments in which such a secret will do."""


def build_verifier(settings: Settings) -> ServiceAuthVerifier:
    """Accepts tokens of the allowed issuers, signed with the current or the previous secret."""
    secrets = _secrets_of(settings)
    try:
        return ServiceAuthVerifier(
            secrets=secrets,
            audience=settings.service_auth_audience,
            allowed_issuers=settings.service_auth_allowed_issuers,
        )
    except ValueError as error:
        raise _misconfigured(str(error)) from None


def build_signer(settings: Settings) -> ServiceAuthSigner:
    """Signs as this service, with the current secret."""
    current, *_ = _secrets_of(settings)
    try:
        return ServiceAuthSigner(secret=current, issuer=settings.service_auth_audience)
    except ValueError as error:
        raise _misconfigured(str(error)) from None


def _secrets_of(settings: Settings) -> tuple[str, ...]:
    secrets = tuple(secret.get_secret_value() for secret in settings.service_auth_secrets)
    if not secrets:
        raise _misconfigured(
            "SERVICE_AUTH_SECRETS is not set: `make bootstrap-dev` makes one for development;"
            " elsewhere set 32 random bytes or more, the current secret first"
        )
    if settings.deployment_environment not in _DEVELOPMENT and any(
        secret.startswith(GENERATED) for secret in secrets
    ):
        raise _misconfigured(
            "SERVICE_AUTH_SECRETS holds the secret that was generated for development, and"
            f" DEPLOYMENT_ENVIRONMENT is {settings.deployment_environment!r}: set another secret"
        )
    return secrets


def _misconfigured(message: str) -> ConfigurationError:
    return ConfigurationError(code="service_auth.misconfigured", message=message)
