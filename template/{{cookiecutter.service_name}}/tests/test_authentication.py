from typing import Any

import httpx
import pytest
from mic.auth import ServiceAuthSigner
from mic.http import HttpRouteSpec
from mic.model import ConfigurationError

from {{ cookiecutter.__package_name }}.application import (
    build_app,
    build_routes,
    build_storage,
)
from {{ cookiecutter.__package_name }}.authentication import (
    GENERATED,
    build_signer,
    build_verifier,
)
from {{ cookiecutter.__package_name }}.settings import Settings

CURRENT = "the current secret of thirty-two bytes or more"
PREVIOUS = "the previous secret of thirty-two bytes or more"
DEVELOPMENT = GENERATED + "0" * 64


def configured(**values: Any) -> Settings:
    return Settings.model_validate({**Settings().model_dump(), **values})


async def test_nobody_comes_in_without_a_token(anonymous: httpx.AsyncClient) -> None:
    response = await anonymous.get("/items")
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert (await anonymous.post("/items", json={"name": "nail"})).status_code == 401
    assert (await anonymous.get("/health")).status_code == 200


async def test_a_token_of_another_secret_is_refused(anonymous: httpx.AsyncClient) -> None:
    signer = ServiceAuthSigner(secret=PREVIOUS, issuer=Settings().service_auth_audience)
    token = signer.sign(audience=Settings().service_auth_audience)
    response = await anonymous.get("/items", headers={"authorization": f"Bearer {token}"})
    assert (response.status_code, response.json()["code"]) == (
        401,
        "service_auth.invalid_signature",
    )


def test_the_previous_secret_is_still_accepted(settings: Settings) -> None:
    before = configured(service_auth_secrets=PREVIOUS)
    token = build_signer(before).sign(audience=before.service_auth_audience, subject="ada")
    after = configured(service_auth_secrets=f"{CURRENT}, {PREVIOUS}")
    assert build_verifier(after).verify(token).sub == "ada"
    newer = build_signer(after).sign(audience=after.service_auth_audience)
    with pytest.raises(Exception, match="Token verification failed"):
        build_verifier(before).verify(newer)


def test_there_is_no_service_without_a_secret(settings: Settings) -> None:
    with pytest.raises(ConfigurationError, match="SERVICE_AUTH_SECRETS is not set"):
        build_app(configured(service_auth_secrets=()))


@pytest.mark.parametrize("environment", ["develop", "test"])
def test_the_generated_secret_will_do_for_development(settings: Settings, environment: str) -> None:
    build_verifier(configured(service_auth_secrets=DEVELOPMENT, deployment_environment=environment))


@pytest.mark.parametrize("secrets", [DEVELOPMENT, f"{CURRENT},{DEVELOPMENT}"])
def test_the_generated_secret_is_refused_in_production(settings: Settings, secrets: str) -> None:
    production = configured(service_auth_secrets=secrets, deployment_environment="production")
    for build in (build_app, build_signer):
        with pytest.raises(ConfigurationError, match="generated for development") as caught:
            build(production)
        assert "0" * 64 not in str(caught.value)


@pytest.mark.parametrize("build", [build_verifier, build_signer])
def test_a_short_secret_is_refused_without_being_shown(settings: Settings, build: Any) -> None:
    with pytest.raises(ConfigurationError, match="32 bytes") as caught:
        build(configured(service_auth_secrets="hunter2"))
    assert "hunter2" not in str(caught.value)


def test_authentication_can_be_switched_off(settings: Settings) -> None:
    def modes(chosen: Settings) -> set[str]:
        routes: tuple[HttpRouteSpec, ...] = build_routes(chosen, build_storage(chosen))
        return {route.auth.value for route in routes if route.path.startswith("/items")}

    off = configured(service_auth_enabled=False, service_auth_secrets=())
    assert (modes(off), modes(settings)) == ({"public"}, {"service"})
    build_app(off)
