"""The documents that the frameworks serve are OpenAPI documents."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from litestar.openapi.config import OpenAPIConfig
from openapi_spec_validator import validate

from mic.fastapi import build_fastapi_app
from mic.http import OpenApiInfo, build_asgi_app
from mic.litestar import build_litestar_app
from mic.testing import AsyncRouteClient
from mic.testing.contracts.http_corpus import APPS, CorpusApp


def served_by(host: str, app: CorpusApp, folder: Path) -> tuple[Any, str]:
    """The application on a host, and where it serves its document."""
    routes = app.routes(folder)
    if host == "fastapi":
        return build_fastapi_app(routes=routes, options=app.options), "/openapi.json"
    if host == "litestar":
        config = OpenAPIConfig(title="Corpus", version="1.0.0", path="/documents")
        litestar = build_litestar_app(routes=routes, options=app.options, openapi_config=config)
        return litestar, "/documents/openapi.json"
    info = OpenApiInfo(title="Corpus")
    return build_asgi_app(routes=routes, options=app.options, openapi=info), "/openapi.json"


def shape(path: str) -> str:
    """The path without names and types of parameters, and without the slash that Litestar drops."""
    return re.sub(r"\{[^}]*\}", "{}", path).rstrip("/")


@pytest.mark.parametrize("app", APPS, ids=lambda app: app.name)
@pytest.mark.parametrize("host", ["asgi", "fastapi", "litestar"])
async def test_every_host_serves_a_valid_document(
    host: str, app: CorpusApp, tmp_path: Path
) -> None:
    asgi, path = served_by(host, app, tmp_path)
    answer = await AsyncRouteClient.for_app(asgi).get(path)
    assert answer.status_code == 200
    document = answer.json()
    assert document["openapi"].startswith("3.1")
    shapes = {shape(route.path) for route in app.routes(tmp_path) if route.include_in_schema}
    assert shapes
    assert shapes <= {shape(each) for each in document["paths"]}
    validate(document)


def test_what_is_no_document_is_refused() -> None:
    """A validator that lets everything pass would make the tests above hollow."""
    wrong = {
        "openapi": "3.1.0",
        "info": {"title": "x", "version": "1"},
        "paths": {"/{id}": {"get": {"responses": {"200": {"$ref": "#/components/nowhere"}}}}},
    }
    with pytest.raises(Exception, match=r"(?i)id|nowhere|resolv"):
        validate(wrong)
