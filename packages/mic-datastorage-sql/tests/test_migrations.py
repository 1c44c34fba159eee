"""Alembic migrations, one process at a time."""

import os
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, inspect, text

from mic.datastorage import ConstraintError
from mic.datastorage_sql import AsyncSqlDataStorage, SqlDataStorage, migrations
from mic.datastorage_sql._migration_lock import MigrationLock
from mic.model import ConfigurationError, TransientError

ENV = """
from alembic import context
from sqlmodel import SQLModel
from mic.datastorage_sql.migrations import env_main
env_main(context, target_metadata=SQLModel.metadata)
"""
FIRST = """
import sqlalchemy as sa
from alembic import op
revision, down_revision = "0001", None
def upgrade():
    op.create_table("parent", sa.Column("id", sa.Integer, primary_key=True))
    op.create_table(
        "child",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("parent_id", sa.Integer, sa.ForeignKey("parent.id", ondelete="CASCADE")),
    )
    op.execute("INSERT INTO parent VALUES (1)")
    op.execute("INSERT INTO child VALUES (1, 1)")
def downgrade():
    op.drop_table("child")
    op.drop_table("parent")
"""
SECOND = """
import sqlalchemy as sa
from alembic import op
revision, down_revision = "0002", "0001"
def upgrade():
    with op.batch_alter_table("parent", recreate="always") as batch:
        batch.add_column(sa.Column("name", sa.String(10)))
def downgrade():
    with op.batch_alter_table("parent") as batch:
        batch.drop_column("name")
"""
BROKEN = """
from alembic import op
revision, down_revision = "0003", "0002"
def upgrade():
    op.execute("CREATE TABLE half (id INTEGER)")
    op.execute({statement!r})
def downgrade():
    pass
"""


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    folder = tmp_path / "100% scripts"
    (folder / "versions").mkdir(parents=True)
    (folder / "env.py").write_text(ENV)
    (folder / "script.py.mako").write_text(
        "${imports}\nrevision, down_revision = ${repr(up_revision)}, ${repr(down_revision)}\n"
        "def upgrade():\n    ${upgrades}\ndef downgrade():\n    ${downgrades}\n"
    )
    (folder / "versions" / "0001_first.py").write_text(FIRST)
    (folder / "versions" / "0002_second.py").write_text(SECOND)
    return folder


@pytest.fixture(params=["file", "memory", "injected"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlDataStorage]:
    url = "sqlite://" if request.param == "memory" else f"sqlite:///{tmp_path}/test.db"
    if request.param == "injected":
        with SqlDataStorage(engine=create_engine(url), owns_engine=True) as storage:
            yield storage
        return
    with SqlDataStorage(url=url) as storage:
        yield storage


def _tables(storage: SqlDataStorage) -> set[str]:
    return set(inspect(storage.sqlalchemy_engine).get_table_names())


def test_up_and_down(storage: SqlDataStorage, scripts: Path) -> None:
    assert migrations.current(storage) is None
    assert migrations.pending(storage, script_location=scripts) == ("0001", "0002")
    migrations.upgrade(storage, script_location=scripts, revision="0001")
    assert migrations.current(storage) == "0001"
    assert migrations.pending(storage, script_location=str(scripts)) == ("0002",)
    migrations.upgrade(storage, script_location=scripts)
    migrations.upgrade(storage, script_location=scripts)
    assert migrations.current(storage) == "0002"
    assert migrations.pending(storage, script_location=scripts) == ()
    with storage.session() as session:
        # The parent was made anew, and its children were not deleted with the old one.
        assert session.connection().execute(text("SELECT * FROM child")).all() == [(1, 1)]
        assert session.connection().execute(text("PRAGMA busy_timeout")).scalar() == 5000
    migrations.downgrade(storage, script_location=scripts, revision="0001")
    assert migrations.current(storage) == "0001"
    migrations.downgrade(storage, script_location=scripts, revision="base")
    assert migrations.current(storage) is None
    assert _tables(storage) == {"alembic_version"}


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("INSERT INTO child VALUES (2, 99)", ConstraintError),
        ("INSERT INTO parent (id) VALUES (1)", Exception),
        ("NO SQL", ConfigurationError),
    ],
)
def test_all_revisions_or_none(
    storage: SqlDataStorage, scripts: Path, statement: str, error: type[Exception]
) -> None:
    (scripts / "versions" / "0003_broken.py").write_text(BROKEN.format(statement=statement))
    with pytest.raises(error, match=r"foreign key|unique|rejects"):
        migrations.upgrade(storage, script_location=scripts)
    assert migrations.current(storage) is None
    assert _tables(storage) == set()


def test_a_database_ahead_of_its_scripts_has_nothing_pending(
    storage: SqlDataStorage, scripts: Path
) -> None:
    migrations.upgrade(storage, script_location=scripts)
    (scripts / "versions" / "0002_second.py").unlink()
    assert migrations.pending(storage, script_location=scripts) == ()
    with pytest.raises(ConfigurationError, match="do not fit") as caught:
        migrations.upgrade(storage, script_location=scripts)
    assert caught.value.code == "config.migrations"


def test_scripts_that_are_not_there(storage: SqlDataStorage, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="do not fit"):
        migrations.pending(storage, script_location=tmp_path / "nowhere")


def test_several_heads_are_told(storage: SqlDataStorage, scripts: Path) -> None:
    (scripts / "versions" / "0003_other.py").write_text(
        SECOND.replace('"0002", "0001"', '"0003", "0001"').replace("name", "other")
    )
    migrations.upgrade(storage, script_location=scripts, revision="heads")
    assert migrations.current(storage) == "0002,0003"
    assert migrations.pending(storage, script_location=scripts) == ()


def test_nothing_writes_but_a_migration(storage: SqlDataStorage, scripts: Path) -> None:
    migrations.pending(storage, script_location=scripts)
    migrations.current(storage)
    assert _tables(storage) == set()


def test_an_asynchronous_storage_is_refused(scripts: Path) -> None:
    asynchronous: Any = AsyncSqlDataStorage(url="sqlite://")
    with pytest.raises(TypeError, match="SqlDataStorage"):
        migrations.upgrade(asynchronous, script_location=scripts)


def test_an_unavailable_database(scripts: Path) -> None:
    with SqlDataStorage(url="postgresql://u:canary@127.0.0.1:1/d") as storage:
        for call in (
            lambda: migrations.current(storage),
            lambda: migrations.pending(storage, script_location=scripts),
            lambda: migrations.upgrade(storage, script_location=scripts),
        ):
            with pytest.raises(TransientError, match="unavailable") as caught:
                call()
            assert "canary" not in f"{caught.value} {caught.value.details}"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
def test_processes_that_start_together_migrate_once(scripts: Path, tmp_path: Path) -> None:
    (scripts / "versions" / "0003_count.py").write_text(
        BROKEN.format(statement="INSERT INTO parent (name) VALUES ('once')")
    )
    program = (
        "import os, sys\n"
        "from mic.datastorage_sql import SqlDataStorage, migrations\n"
        "url, scripts = sys.argv[1:]\n"
        "reading, writing = os.pipe()\n"
        "children = []\n"
        "for _ in range(8):\n"
        "    if (child := os.fork()) == 0:\n"
        "        os.close(writing)\n"
        "        os.read(reading, 1)\n"
        "        with SqlDataStorage(url=url) as storage:\n"
        "            migrations.upgrade(storage, script_location=scripts)\n"
        "            os._exit(0 if migrations.current(storage) == '0003' else 1)\n"
        "    children.append(child)\n"
        "os.close(writing)\n"
        "codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]\n"
        "sys.exit(f'{codes}' if any(codes) else 0)\n"
    )
    url = f"sqlite:///{tmp_path}/shared.db"
    done = subprocess.run(
        [sys.executable, "-c", program, url, str(scripts)],
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    with SqlDataStorage(url=url) as storage, storage.session() as session:
        names = session.connection().execute(text("SELECT name FROM parent ORDER BY id")).all()
        assert names == [(None,), ("once",)]


def _alembic(scripts: Path, url: str | None, **options: Any) -> Config:
    config = Config(**options)
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    if url is not None:
        config.set_main_option("sqlalchemy.url", url)
    return config


def test_alembics_own_command_line(scripts: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/test.db"
    command.upgrade(_alembic(scripts, url), "head")
    with SqlDataStorage(url=url) as storage:
        assert migrations.current(storage) == "0002"
    (scripts / "env.py").write_text(ENV.replace("metadata)", f"metadata, url={url!r})"))
    command.downgrade(_alembic(scripts, None), "0001")
    with SqlDataStorage(url=url) as storage:
        assert migrations.current(storage) == "0001"


def test_offline_it_writes_sql(scripts: Path) -> None:
    (scripts / "versions" / "0002_second.py").unlink()
    for url, first in (("postgresql://u:p@h/d", "BEGIN;"), ("sqlite://", "BEGIN;")):
        output = StringIO()
        config = _alembic(scripts, url, output_buffer=output)
        command.upgrade(config, "head", sql=True)
        assert output.getvalue().startswith(first)
        assert "CREATE TABLE child" in output.getvalue()


def test_without_a_url_it_says_so(scripts: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"sqlalchemy\.url"):
        command.upgrade(_alembic(scripts, None), "head")


def test_a_generated_revision_imports_its_types(
    storage: SqlDataStorage, scripts: Path, rows: SimpleNamespace
) -> None:
    migrations.upgrade(storage, script_location=scripts)
    with storage.sqlalchemy_engine.connect() as connection:
        config = _alembic(scripts, None)
        config.attributes["connection"] = connection
        command.revision(config, "tables", autogenerate=True, rev_id="0003")
        connection.rollback()
    (generated,) = (scripts / "versions").glob("0003_*.py")
    written = generated.read_text()
    assert "import mic.datastorage_sql.types\n" in written
    assert "import sqlmodel.sql.sqltypes\n" in written
    assert "mic.datastorage_sql.types.UtcDateTime()" in written
    generated.write_text(f"import sqlalchemy as sa\nfrom alembic import op\n{written}")
    migrations.upgrade(storage, script_location=scripts)
    assert rows.Account.__tablename__ in _tables(storage)


@pytest.mark.parametrize(
    ("lock", "error"),
    [
        (MigrationLock(), None),
        (MigrationLock(acquire="SELECT 1", granted=1), None),
        (MigrationLock(acquire="SELECT 0"), None),
        (MigrationLock(acquire="SELECT 0", granted=1), "takes too long"),
        (MigrationLock(begin="BEGIN"), None),
    ],
)
def test_locks_of_other_engines(
    lock: MigrationLock,
    error: str | None,
    scripts: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (scripts / "versions" / "0002_second.py").unlink()
    monkeypatch.setattr(migrations, "migration_lock", lambda dialect: lock)
    with SqlDataStorage(url="sqlite://") as storage:
        if error is None:
            migrations.upgrade(storage, script_location=scripts)
            assert migrations.current(storage) == "0001"
            return
        with pytest.raises(TransientError, match=error) as caught:
            migrations.upgrade(storage, script_location=scripts)
        assert caught.value.code == "transient.sql_timeout"
        assert migrations.current(storage) is None
