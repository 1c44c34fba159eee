"""Everything runs on embedded defaults: a SQLite file of its own for each test."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from {{ cookiecutter.__package_name }}.application import build_app, build_storage
from {{ cookiecutter.__package_name }}.authentication import build_signer
from {{ cookiecutter.__package_name }}.main import migrate
from {{ cookiecutter.__package_name }}.settings import Settings


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The defaults, with a database and a secret of the test's own; nothing is read from `.env`."""
    monkeypatch.setenv("SERVICE_AUTH_SECRETS", "a secret of the tests of thirty-two bytes or more")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/test.sqlite3")
    monkeypatch.setitem(Settings.model_config, "env_file", None)
    return Settings()


@pytest.fixture
async def transport(settings: Settings) -> AsyncIterator[httpx.ASGITransport]:
    """The whole service, in process, on a migrated database."""
    migrate(settings)
    storage = build_storage(settings)
    app: Any = build_app(settings, storage=storage)
    async with storage:
        yield httpx.ASGITransport(app=app)


@pytest.fixture
async def anonymous(transport: httpx.ASGITransport) -> AsyncIterator[httpx.AsyncClient]:
    """A client that does not say who it is."""
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        yield http


@pytest.fixture
async def client(
    transport: httpx.ASGITransport, settings: Settings
) -> AsyncIterator[httpx.AsyncClient]:
    """A client with a token of this very service."""
    token = build_signer(settings).token(audience=settings.service_auth_audience)
    headers = {"authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://test", headers=headers
    ) as http:
        yield http
