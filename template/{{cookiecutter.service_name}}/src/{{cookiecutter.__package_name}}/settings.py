"""What can be configured. Every value has a default that needs no server."""

from typing import Annotated, Literal

from mic.model import ConfigurationError
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

CommaSeparated = Annotated[tuple[str, ...], NoDecode]
Secrets = Annotated[tuple[SecretStr, ...], NoDecode]

NAME = "{{ cookiecutter.service_name }}"
"""The name by which other services know this one."""


class Settings(BaseSettings):
    """Settings, read from the environment first and from `.env` second."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True)

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    log_level: Literal["debug", "info", "warning", "error", "critical"] = "info"
    deployment_environment: str = "develop"
    database_url: SecretStr = SecretStr("sqlite:///service.sqlite3")
    trusted_proxies: CommaSeparated = ()
    service_auth_enabled: bool = True
    service_auth_audience: str = NAME
    service_auth_secrets: Secrets = ()
    service_auth_allowed_issuers: CommaSeparated = (NAME,)

    @field_validator(
        "trusted_proxies", "service_auth_secrets", "service_auth_allowed_issuers", mode="before"
    )
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value


def load_settings() -> Settings:
    """Read the settings; what is wrong with them is named, the values are not."""
    try:
        return Settings()
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in problem['loc']).upper()}: {problem['msg']}"
            for problem in error.errors(include_input=False, include_url=False)
        )
    raise ConfigurationError(code="settings.invalid", message=problems)
