"""Everything runs on embedded defaults: a SQLite file of its own for each test."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from {{ cookiecutter.__package_name }}.application import build_app, build_storage
from {{ cookiecutter.__package_name }}.main import migrate
from {{ cookiecutter.__package_name }}.settings import Settings


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The defaults, with a database of the test's own; nothing is read from `.env`."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/test.sqlite3")
    monkeypatch.setitem(Settings.model_config, "env_file", None)
    return Settings()


@pytest.fixture
async def client(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the whole service, in process, on a migrated database."""
    migrate(settings)
    storage = build_storage(settings)
    app: Any = build_app(settings, storage=storage)
    transport = httpx.ASGITransport(app=app)
    async with storage, httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        yield http
