"""How each engine makes processes that migrate at once take turns: a pure function of its name."""

from dataclasses import dataclass

LOCK_SECONDS = 300
"""How long a process waits for another one's migration."""

_KEY = 0x6D69632D6D696772
"""The advisory lock of PostgreSQL: "mic-migr" in ASCII."""


@dataclass(frozen=True, slots=True)
class MigrationLock:
    """What is sent on the connection of a migration. The lock ends with that connection.

    Attributes:
        prepare: Sent before any transaction: takes the limits off, which are meant for requests.
        acquire: Waits for the lock; `None` where the transaction itself is the lock.
        granted: What `acquire` answers when it has the lock; `None`: it answers nothing of use.
        begin: How the transaction begins that is the lock; `None`: Alembic's own.
        verify: Sent before the end of that transaction: each row is a broken foreign key.
    """

    prepare: tuple[str, ...] = ()
    acquire: str | None = None
    granted: int | None = None
    begin: str | None = None
    verify: str | None = None


def migration_lock(dialect: str) -> MigrationLock:
    """The lock of a dialect; nothing for one that this distribution does not know."""
    return _LOCKS.get(dialect, MigrationLock())


_MYSQL = MigrationLock(
    prepare=("SET SESSION lock_wait_timeout=300 /*!50708 , max_execution_time=0 */",),
    acquire=f"SELECT GET_LOCK('mic.migrations', {LOCK_SECONDS})",
    granted=1,
)
_LOCKS = {
    # Foreign keys are off while tables are dropped and made anew by Alembic's batch mode, which
    # would delete what refers to them (sqlite.org, "ALTER TABLE", section 7), and checked then.
    "sqlite": MigrationLock(
        prepare=(f"PRAGMA busy_timeout={LOCK_SECONDS * 1000}", "PRAGMA foreign_keys=OFF"),
        begin="BEGIN IMMEDIATE",
        verify="PRAGMA foreign_key_check",
    ),
    "postgresql": MigrationLock(
        prepare=("SET statement_timeout = 0", "SET lock_timeout = 0"),
        acquire=f"SELECT pg_advisory_lock({_KEY})",
    ),
    "mysql": _MYSQL,
    "mariadb": _MYSQL,
    "oracle": MigrationLock(
        acquire=(
            "DECLARE handle VARCHAR2(128); answer INTEGER; BEGIN"
            " DBMS_LOCK.ALLOCATE_UNIQUE('mic.migrations', handle);"
            f" answer := DBMS_LOCK.REQUEST(handle, DBMS_LOCK.X_MODE, {LOCK_SECONDS}, FALSE);"
            " IF answer NOT IN (0, 4) THEN"
            " RAISE_APPLICATION_ERROR(-20001, 'no migration lock'); END IF; END;"
        ),
    ),
}
