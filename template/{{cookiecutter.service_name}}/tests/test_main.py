import json
from typing import Any

import pytest

from {{ cookiecutter.__package_name }} import main as command_line
from {{ cookiecutter.__package_name }}.authentication import build_verifier
from {{ cookiecutter.__package_name }}.settings import Settings


def test_routes_are_listed(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.main(["routes"]) == 0
    assert "items.create" in capsys.readouterr().out


def test_the_openapi_document_is_printed(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command_line.main(["openapi"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert set(document["paths"]) == {"/items", "/items/{item_id}", "/health"}


def test_a_token_is_good_for_this_service(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command_line.main(["token", "--subject", "ada"]) == 0
    claims = build_verifier(settings).verify(capsys.readouterr().out.strip())
    assert (claims.iss, claims.sub) == (settings.service_auth_audience, "ada")


def test_migrate_may_be_called_twice(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command_line.main(["migrate"]) == 0
    assert command_line.main(["migrate"]) == 0
    assert capsys.readouterr().out.count("up to date") == 2


def test_serve_serves_what_the_settings_say(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: dict[str, Any] = {}

    def serve(app: object, **options: Any) -> None:
        served.update(options)

    monkeypatch.setattr(command_line, "serve", serve)
    assert command_line.main(["serve"]) == 0
    assert (served["host"], served["port"]) == ("127.0.0.1", 8000)


def test_a_wrong_setting_ends_with_one_line(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SERVICE_AUTH_SECRETS", "")
    assert command_line.main(["serve"]) == 78
    assert capsys.readouterr().err.startswith("error: SERVICE_AUTH_SECRETS is not set")
