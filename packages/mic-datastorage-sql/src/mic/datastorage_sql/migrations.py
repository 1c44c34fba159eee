"""Alembic migrations, one process at a time. All synchronous; no constructor ever calls them.

Guarantees:
    - N processes that start together migrate once: a lock of the database is held for the whole
      run, and who waited finds nothing left to do.
    - On SQLite all revisions are one transaction: they are applied together or not at all.
    - `pending` is cheap enough for a readiness probe. It writes nothing.

An `env.py` is three lines:

```
from alembic import context
from mic.datastorage_sql.migrations import env_main
env_main(context, target_metadata=SQLModel.metadata)
```
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from os import PathLike, fspath
from typing import Any, Literal

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.exc import SQLAlchemyError

from mic.datastorage.errors import ConstraintError
from mic.datastorage_sql._events import begin_sqlite
from mic.datastorage_sql._migration_lock import MigrationLock, migration_lock
from mic.datastorage_sql._sync.engine import SqlDataStorage
from mic.datastorage_sql._unit_plan import BEGIN_OPTION
from mic.datastorage_sql.errors import TIMEOUT_CODE, ErrorContext, raise_translated
from mic.model import ConfigurationError, TransientError

__all__ = ["current", "downgrade", "env_main", "pending", "upgrade"]

ScriptLocation = str | PathLike[str]


def upgrade(
    storage: SqlDataStorage, *, script_location: ScriptLocation, revision: str = "head"
) -> None:
    """Bring the database up to a revision.

    Args:
        storage: The database.
        script_location: The folder that holds `env.py` and `versions`.
        revision: Where to stop; `head` is the newest.

    Raises:
        ConfigurationError: The scripts do not fit the database, or it rejects a statement.
        ConstraintError: On SQLite a foreign key would be broken; nothing was changed.
        TransientError: The database is unavailable, or another migration takes too long.
    """
    _migrate(storage, script_location, lambda config: command.upgrade(config, revision))


def downgrade(storage: SqlDataStorage, *, script_location: ScriptLocation, revision: str) -> None:
    """Take the database back to a revision (`base` is the empty one); raises as `upgrade`."""
    _migrate(storage, script_location, lambda config: command.downgrade(config, revision))


def current(storage: SqlDataStorage) -> str | None:
    """The revision of the database; `None` before the first. Several heads are joined by `,`.

    Raises:
        ConfigurationError: The database rejects the connection.
        TransientError: The database is unavailable.
    """
    return ",".join(_current_heads(storage)) or None


def pending(storage: SqlDataStorage, *, script_location: ScriptLocation) -> tuple[str, ...]:
    """The revisions that `upgrade` would apply, in their order.

    A database that is ahead of the scripts has nothing pending: while a newer release rolls out,
    the instances of the older one stay ready.

    Raises:
        ConfigurationError: The scripts are broken, or the database rejects the connection.
        TransientError: The database is unavailable.
    """
    heads = _current_heads(storage)
    with _clear_errors(storage):
        scripts = ScriptDirectory.from_config(_config(script_location))
        known = [script.revision for script in scripts.walk_revisions()]
        if not set(heads) <= set(known):
            return ()
        applied = {each.revision for each in scripts.iterate_revisions(heads, "base")}
    return tuple(revision for revision in reversed(known) if revision not in applied)


def env_main(context: Any, *, target_metadata: MetaData, url: str | None = None) -> None:
    """What an `env.py` does: run the migrations on the connection of `upgrade`, or of its own.

    Args:
        context: `alembic.context`.
        target_metadata: The tables that `alembic revision --autogenerate` compares with.
        url: The database when Alembic's own command line runs; `None` takes `sqlalchemy.url` of its
            configuration.

    Raises:
        ConfigurationError: There is neither a connection nor a URL.
    """
    connection = context.config.attributes.get("connection")
    if connection is not None:
        _run(context, connection, target_metadata)
        return
    address = url or context.config.get_main_option("sqlalchemy.url")
    if not address:
        raise ConfigurationError(
            code="config.migrations", message="env_main: give a url, or set sqlalchemy.url"
        )
    with SqlDataStorage(url=address) as storage:
        if context.is_offline_mode():
            _configure(context, target_metadata, dialect=storage.dialect, offline=True)
            _run_configured(context)
            return
        with _clear_errors(storage), _locked(storage) as locked:
            _run(context, locked, target_metadata)


def _migrate(
    storage: SqlDataStorage, script_location: ScriptLocation, step: Callable[[Config], None]
) -> None:
    if not isinstance(storage, SqlDataStorage):
        raise TypeError("migrations are synchronous: give a SqlDataStorage")
    with _clear_errors(storage), _locked(storage) as connection:
        config = _config(script_location)
        config.attributes["connection"] = connection
        step(config)


def _config(script_location: ScriptLocation) -> Config:
    config = Config()
    # Alembic's configuration interpolates `%`.
    config.set_main_option("script_location", fspath(script_location).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _current_heads(storage: SqlDataStorage) -> tuple[str, ...]:
    with _clear_errors(storage), storage._open().connect() as connection:
        return tuple(sorted(MigrationContext.configure(connection).get_current_heads()))


@contextmanager
def _locked(storage: SqlDataStorage) -> Iterator[Connection]:
    """A connection that has the lock, and that nobody uses afterwards."""
    lock = migration_lock(storage.dialect)
    with storage._open().connect() as connection:
        # The pool never gets it back, with its changed settings; its end is the end of the lock.
        connection.detach()
        cursor = connection.connection.cursor()
        for statement in lock.prepare:
            cursor.execute(statement)
        cursor.close()
        connection.connection.commit()
        if lock.begin is not None:
            with connection.execution_options(**{BEGIN_OPTION: lock.begin}).begin():
                begin_sqlite(connection)  # an injected engine does not do so by itself
                yield connection
                _verify(connection, lock)
        else:
            _acquire(connection, lock, storage)
            yield connection


def _acquire(connection: Connection, lock: MigrationLock, storage: SqlDataStorage) -> None:
    if lock.acquire is None:
        return
    result = connection.execute(text(lock.acquire))
    if lock.granted is not None and result.scalar() != lock.granted:
        raise TransientError(
            code=TIMEOUT_CODE,
            message="another migration takes too long",
            details={"url": storage.place},
        )
    connection.commit()


def _verify(connection: Connection, lock: MigrationLock) -> None:
    if lock.verify is None:
        return
    broken = connection.execute(text(lock.verify)).first()
    if broken is not None:
        raise ConstraintError(
            message="the migration would break a foreign key", table=str(broken[0])
        )


@contextmanager
def _clear_errors(storage: SqlDataStorage) -> Iterator[None]:
    try:
        yield
    except CommandError as error:
        raise ConfigurationError(
            code="config.migrations",
            message="the migration scripts do not fit the database",
            details={"url": storage.place},
        ) from error
    except SQLAlchemyError as error:
        context = ErrorContext(dialect=storage.dialect, place=storage.place, writing=True)
        raise_translated(error, context)


def _run(context: Any, connection: Connection, target_metadata: MetaData) -> None:
    _configure(context, target_metadata, dialect=connection.dialect.name, connection=connection)
    _run_configured(context)


def _run_configured(context: Any) -> None:
    with context.begin_transaction():
        context.run_migrations()


def _configure(
    context: Any,
    target_metadata: MetaData,
    *,
    dialect: str,
    connection: Connection | None = None,
    offline: bool = False,
) -> None:
    is_sqlite = dialect == "sqlite"
    options: dict[str, Any] = {"connection": connection}
    if offline:
        options = {"dialect_name": dialect, "literal_binds": True}
    if is_sqlite:
        # Our connections leave BEGIN to us, and then SQLite rolls DDL back as well.
        options |= {"render_as_batch": True, "transactional_ddl": True}
    context.configure(target_metadata=target_metadata, render_item=_render_item, **options)


def _render_item(kind: str, item: Any, autogenerate: Any) -> Literal[False]:
    """Let a generated revision import the module of a column type; the text is Alembic's own."""
    module = type(item).__module__
    if kind == "type" and not module.startswith("sqlalchemy."):
        autogenerate.imports.add(f"import {module}")
    return False
