"""The short paths of the SQL storages."""

import subprocess
import sys

import pytest

import mic.datastorage
import mic.datastorage.sql

NAMES = ("AsyncSqlDataStorage", "AsyncSqlEngine", "SqlDataStorage", "SqlEngine")


@pytest.mark.parametrize("name", NAMES)
def test_the_capability_offers_the_backend(name: str) -> None:
    backend = pytest.importorskip("mic.datastorage_sql")
    assert getattr(mic.datastorage, name) is getattr(backend, name)
    assert getattr(mic.datastorage.sql, name) is getattr(backend, name)
    assert name in dir(mic.datastorage)
    assert name in dir(mic.datastorage.sql)


def test_without_the_backend_the_error_names_what_to_install() -> None:
    # In an interpreter of its own, where the backend cannot be found.
    script = (
        "import sys; sys.modules['mic.datastorage_sql'] = None\n"
        "import mic.datastorage, mic.datastorage.sql\n"
        "for module in (mic.datastorage, mic.datastorage.sql):\n"
        "    try:\n"
        "        module.SqlEngine\n"
        "    except ImportError as error:\n"
        "        assert 'pip install \"mic-datastorage-sql\"' in str(error), error\n"
        "    else:\n"
        "        raise SystemExit('no error')\n"
        "assert 'sqlalchemy' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="NoSuchStorage"):
        _ = mic.datastorage.NoSuchStorage
