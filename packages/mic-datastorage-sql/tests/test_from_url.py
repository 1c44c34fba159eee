"""Storages by URL."""

from pathlib import Path
from typing import Any

import pytest

from mic.datastorage import aconnect, connect
from mic.datastorage_sql import AsyncSqlDataStorage, SqlDataStorage
from mic.model import ConfigurationError


@pytest.mark.parametrize(
    "scheme", ["sqlite", "postgresql", "postgres", "mysql", "mariadb", "oracle", "mysql+pymysql"]
)
def test_every_scheme_leads_here(scheme: str) -> None:
    url = f"{scheme}:///x.db" if scheme == "sqlite" else f"{scheme}://user:secret@host/db"
    assert type(connect(url)) is SqlDataStorage
    assert type(aconnect(url)) is AsyncSqlDataStorage


def test_parameters_are_the_constructors_names() -> None:
    storage = connect(
        "postgresql://u:p%40@h:1/d?pool_size=3&statement_timeout_seconds=2.5&pool_pre_ping=false"
        "&isolation_level=serializable&driver.sslmode=require",
        pool_size=4,
        connect_args={"gssencmode": "disable"},
    )
    assert isinstance(storage, SqlDataStorage)
    settings = storage.settings
    assert (settings.pool_size, settings.pool_pre_ping) == (4, False)
    assert (settings.statement_timeout_seconds, settings.isolation_level) == (2.5, "serializable")
    assert storage.place == "postgresql+psycopg://u:***@h:1/d?sslmode=require"
    plan = storage._engine_plan
    assert (plan.url.password, plan.url.query) == ("p@", {"sslmode": "require"})
    assert plan.connect_args["gssencmode"] == "disable"


@pytest.mark.parametrize(
    "query", ["colour=red", "pool_size=many", "isolation_level=dirty", "sslmode=require"]
)
def test_bad_parameters(query: str) -> None:
    with pytest.raises(ConfigurationError, match=query.partition("=")[0]):
        connect(f"postgresql://h/d?{query}")
    with pytest.raises(ValueError, match="pool_size"):
        connect("postgresql://h/d?pool_size=0")


@pytest.mark.parametrize("place", ["", "/:memory:"])
def test_storages_of_one_name_share_their_memory(place: str, rows: Any) -> None:
    url = f"sqlite://{place}?name=shared-by-url"
    with connect(url) as one, connect(url) as other, connect(f"sqlite://{place}") as apart:
        assert isinstance(one, SqlDataStorage)
        assert isinstance(other, SqlDataStorage)
        assert isinstance(apart, SqlDataStorage)
        one.create_all()
        apart.create_all()
        one.repository(rows.Parent).insert(rows.Parent(id="a"))
        assert other.repository(rows.Parent).count() == 1
        assert apart.repository(rows.Parent).count() == 0


def test_relative_and_absolute_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with connect("sqlite:///relative.db") as storage:
        storage.prepare()
    with connect(f"sqlite:///{tmp_path}/absolute.db") as storage:
        storage.prepare()
    assert {"relative.db", "absolute.db"} <= {path.name for path in tmp_path.iterdir()}
