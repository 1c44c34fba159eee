import json
from typing import Any

import pytest

from {{ cookiecutter.__package_name }} import main as command_line
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
