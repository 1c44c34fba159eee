"""URLs fit for a log, and optional drivers."""

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic.datastorage import redact_url, resolve_optional_client


@pytest.mark.parametrize(
    ("url", "redacted"),
    [
        ("postgresql://u:p@h:5432/db", "postgresql://u:***@h:5432/db"),
        ("postgresql://u:p@ss@h/db", "postgresql://u:***@h/db"),
        ("postgresql://u:p@s/s#d@h/db?x=1", "postgresql://u:***@h/db?x=1"),
        ("postgresql://u:a?b=c@h/db", "postgresql://u:***@h/db"),
        ("postgresql://u@h/db", "postgresql://u@h/db"),
        ("postgresql://:p@h", "postgresql://:***@h"),
        ("mongodb://u:p@h1:1,h2:2/db", "mongodb://u:***@h1:1,h2:2/db"),
        ("postgresql://u:</?>@h/db?x=1", "postgresql://u:***@h/db?x=1"),
        ("postgresql://u:p/w@h/db", "postgresql://u:***@h/db"),
        ("postgresql://[::1]:5432/db?user=a@b", "postgresql://[::1]:5432/db?user=a@b"),
        ("postgresql://u:p@h1:1,h2/db?user=a@b", "postgresql://u:***@h1:1,h2/db?user=a@b"),
        ("sqlite:///file.db", "sqlite:///file.db"),
        ("mysql://h/db?password=p&x=1", "mysql://h/db?password=***&x=1"),
        ("mysql://h/db?user=a@b&x=1", "mysql://h/db?user=a@b&x=1"),
        (
            "x://h?PassWd=1&a_secret=2&token=3&apikey=4",
            "x://h?PassWd=***&a_secret=***&token=***&apikey=***",
        ),
        ("x://h?AUTH=1&my_credentials=2&plain&q=", "x://h?AUTH=***&my_credentials=***&plain&q="),
        ("x://h?password", "x://h?password"),
        ("no url: u:p@h", "no url: u:p@h"),
        ("", ""),
    ],
)
def test_redact_url(url: str, redacted: str) -> None:
    assert redact_url(url) == redacted


@given(
    password=st.text(alphabet=st.characters(codec="utf-8", exclude_characters="*"), min_size=1),
    query=st.booleans(),
)
def test_no_password_survives(password: str, query: bool) -> None:
    secret = f"<{password}>"
    assert secret not in redact_url(f"postgresql://user:{secret}@host/db{'?x=1' * query}")
    plain = secret.replace("&", "")
    assert plain not in redact_url(f"postgresql://host/db?a=1&password={plain}")


@given(st.text())
def test_redact_url_never_raises(text: str) -> None:
    assert isinstance(redact_url(text), str)


def test_a_ready_client_is_taken() -> None:
    client = object()
    taken = resolve_optional_client(
        client=client, url="", dep_module="no_such_module", install_extra="x"
    )
    assert taken is client


def test_else_the_driver_is_imported() -> None:
    module = resolve_optional_client(
        client=None, url="x://h", dep_module="json.decoder", install_extra="x"
    )
    assert module is sys.modules["json.decoder"]


def test_neither_client_nor_url() -> None:
    with pytest.raises(ValueError, match="client or a url"):
        resolve_optional_client(client=None, url="", dep_module="json", install_extra="x")


@pytest.mark.parametrize("module", ["no_such_module", "no_such_module.inner", "json.no_such"])
def test_an_absent_driver_names_what_to_install(module: str) -> None:
    with pytest.raises(ImportError, match=r"pip install \"mic-struct\[graph\]\""):
        resolve_optional_client(client=None, url="x://h", dep_module=module, install_extra="graph")


def test_an_import_error_inside_the_driver_passes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken_driver.py").write_text("import absent_dependency\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ModuleNotFoundError, match="absent_dependency"):
        resolve_optional_client(
            client=None, url="x://h", dep_module="broken_driver", install_extra="x"
        )
