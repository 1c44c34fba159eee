"""`mic new`."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mic.cli import _new as new
from mic.cli._template import unpack

Here = Callable[..., int]
Captured = pytest.CaptureFixture[str]
NO_NETWORK = """
import socket, os
def refuse(*arguments, **named):
    with open(os.environ["MIC_TRIED"], "a") as file:
        file.write("a connection was tried\\n")
    raise OSError("no network")
socket.socket.connect = socket.getaddrinfo = refuse
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home and a current folder of one's own; both are looked at afterwards."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(tmp_path)
    return home


def files_of(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_mode & 0o777, path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_service_is_made(here: Here, capsys: Captured, tmp_path: Path, home: Path) -> None:
    assert here("new", "order-service", "--json", "--description", "Takes orders") == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    assert json.loads(captured.out) == {
        "service": "order-service",
        "folder": str(tmp_path / "order-service"),
        "framework": "fastapi",
        "next": ["cd order-service", "make bootstrap-dev && make gate"],
    }
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "order-service"]
    assert list(home.iterdir()) == []
    manifest = tomllib.loads((tmp_path / "order-service" / "pyproject.toml").read_text())
    assert manifest["project"]["description"] == "Takes orders"
    assert os.access(tmp_path / "order-service" / ".ci" / "run", os.X_OK)


def test_answers_that_are_never_asked(here: Here, capsys: Captured, tmp_path: Path) -> None:
    (tmp_path / "in to").mkdir()
    options = ["--framework", "litestar", "--set", "database=postgres", "--output-dir", "in to"]
    assert here("-v", "new", "a", *options) == 0
    captured = capsys.readouterr()
    assert captured.out.splitlines()[:4] == [
        f"made {tmp_path / 'in to' / 'a'}",
        "",
        "Next:",
        "  cd 'in to/a'",
    ]
    assert "make bootstrap-dev" in captured.err  # what cookiecutter said, at -v
    needed = (tmp_path / "in to" / "a" / "pyproject.toml").read_text()
    assert "mic-http-litestar==" in needed
    assert "postgres" in needed


HOSTILE = (
    "{{ 7*7 }} \"quoted\" 'and' \\n {% raw %} $(touch evil) `touch evil`\n-- --output-dir=/x é 漢"
)


def test_a_hostile_description_stays_text(here: Here, capsys: Captured, tmp_path: Path) -> None:
    assert here("new", "a", f"--description={HOSTILE}") == 0
    manifest = tomllib.loads((tmp_path / "a" / "pyproject.toml").read_text())
    assert manifest["project"]["description"] == " ".join(HOSTILE.split())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "home"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["Upper"], 1, "service_name must be lower-case words"),
        ([""], 1, "service_name must be lower-case words"),
        (["../evil"], 1, "service_name must be lower-case words"),
        (["json"], 1, "would hide the Python package 'json'"),
        (["{{ 7*7 }}"], 1, "service_name must be lower-case words"),
        (["a", "--description", " "], 1, "service_description must have 1 to 500"),
        (["a", "--set", "database=dbase"], 1, "database must be one of: sqlite, postgres"),
        (["a", "--set", "package_name=../x"], 2, "--set package_name=...: one of database, "),
        (["a", "--set", "nothing=1"], 2, "--set nothing=...: one of database, "),
        (["a", "--set", "database"], 2, "'database' is not KEY=VALUE"),
        (["a", "--set", "=x"], 2, "'=x' is not KEY=VALUE"),
        (["a", "--framework", "flask"], 2, "invalid choice: 'flask'"),
        (["a", "--output-dir", "missing"], 1, "missing is not a folder"),
        (["a", "--answers"], 2, "take one of them"),
        ([], 2, "required: NAME"),
    ],
)
def test_what_is_refused_leaves_nothing(
    arguments: list[str], code: int, said: str, here: Here, capsys: Captured, tmp_path: Path
) -> None:
    assert here("new", *arguments, "--json") == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert said in json.loads(captured.err)["message"]
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


def test_an_existing_folder_is_not_touched(here: Here, capsys: Captured, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "mine").write_text("mine")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    before = files_of(tmp_path)
    for name in ("a", "dangling"):
        assert here("new", name) == 1
        assert f"{tmp_path / name} exists; nothing was changed" in capsys.readouterr().err
    assert files_of(tmp_path) == before


def test_a_folder_that_appears_meanwhile_is_not_touched(
    here: Here, capsys: Captured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = new._generate

    def generate(*arguments: Any, **named: Any) -> None:
        real(*arguments, **named)
        (tmp_path / "a").mkdir()

    monkeypatch.setattr(new, "_generate", generate)
    assert here("new", "a") == 1
    assert list((tmp_path / "a").iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "home"]


def test_without_cookiecutter_it_says_what_to_install(
    here: Here, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    assert here("new", "a") == 78
    assert "pip install cookiecutter" in capsys.readouterr().err


def test_a_damaged_installation_is_named(
    here: Here, capsys: Captured, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    missing = tmp_path / "missing.zip"
    monkeypatch.setattr(new, "unpack", lambda into: unpack(into, missing))
    assert here("new", "a") == 70
    assert "mic-cli" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


@pytest.mark.parametrize(
    ("code", "said"),
    [("raise SystemExit(3)", "cookiecutter ended with 3; -v shows"), ("", "made nothing")],
)
def test_a_cookiecutter_that_fails_without_a_word(
    code: str,
    said: str,
    here: Here,
    capsys: Captured,
    site: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    site.add("x", files={"cookiecutter/__main__.py": code, "cookiecutter/__init__.py": ""})
    monkeypatch.setenv("PYTHONPATH", str(site.folder))
    assert here("new", "a") == 1
    assert said in capsys.readouterr().err


def test_a_folder_that_cannot_be_written(
    here: Here, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    real: Callable[..., str] = tempfile.mkdtemp

    def refuse(*places: Any, **named: Any) -> str:
        if named.get("dir"):
            raise PermissionError(13, "secret")
        return real(*places, **named)

    monkeypatch.setattr(tempfile, "mkdtemp", refuse)
    assert here("new", "a") == 1
    assert "cannot be written: Permission denied" in capsys.readouterr().err


def test_nothing_is_fetched(run_mic: Any, site: Any, tmp_path: Path) -> None:
    site.add("x", files={"sitecustomize.py": NO_NETWORK})
    tried = tmp_path / "tried"
    done = run_mic("new", "a", path=[site.folder], MIC_TRIED=str(tried))
    assert (done.returncode, done.stderr) == (0, "")
    assert not tried.exists()


def test_modules_of_the_current_folder_are_not_run(run_mic: Any, tmp_path: Path) -> None:
    """`python -m cookiecutter` would find them first; `mic` is run from elsewhere here."""
    (tmp_path / "jinja2.py").write_text("raise SystemExit('hijacked')\n")
    code = "import sys; from mic.cli.main import main; sys.exit(main(['new', 'a']))"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "a").is_dir()


def test_questions_are_asked_on_request(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mic.cli", "new", "first", "--answers", "--framework", "litestar"],
        input="second\n\n\n",
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"made {tmp_path / 'second'}\n")
    assert "Name of the service" in done.stderr
    assert "mic-http-litestar" in (tmp_path / "second" / "pyproject.toml").read_text()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_leaves_nothing(
    number: signal.Signals, code: int, site: Any, tmp_path: Path
) -> None:
    ready = tmp_path / "ready"
    os.mkfifo(ready)
    waiting = f"import time\nopen({str(ready)!r}, 'w').close()\ntime.sleep(100)\n"
    site.add("x", files={"cookiecutter/__main__.py": waiting, "cookiecutter/__init__.py": ""})
    with subprocess.Popen(
        [sys.executable, "-m", "mic.cli", "new", "a"],
        env={**os.environ, "PYTHONPATH": str(site.folder), "TMPDIR": str(tmp_path / "home")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert ready.read_text() == ""  # when the generator has opened it
        process.send_signal(number)
        assert process.communicate(timeout=60) == (b"", b"")
        assert process.returncode == code
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "ready", "site"]
    assert list((tmp_path / "home").iterdir()) == []
