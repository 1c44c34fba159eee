from __future__ import annotations

import urllib.error
import urllib.request
from pathlib import Path

import pytest

from mic.testing.servers import Server, ServerUnavailableError
from mic.testing.servers import _asgi_recipe as module
from mic.testing.servers._asgi_recipe import HttpRecipe
from mic.testing.servers._opa import OpaRecipe
from mic.testing.servers._otlp import OtlpRecipe

KINDS = ["opa_server", "openfga_server", "otlp_collector"]


@pytest.fixture(params=KINDS)
def server(request: pytest.FixtureRequest) -> Server:
    found: Server = request.getfixturevalue(request.param)
    return found


def _get(server: Server) -> int:
    with urllib.request.urlopen(f"{server.url}/health", timeout=0.5) as page:
        status: int = page.status
    return status


def _is_up(server: Server) -> bool:
    try:
        return _get(server) == 200
    except urllib.error.HTTPError:
        return True  # OpenFGA calls the page another name


def test_what_is_ours_is_called_so(server: Server) -> None:
    assert server.version.startswith("mic-testing's ")
    assert server.url == f"http://127.0.0.1:{server.port}"
    assert _is_up(server)


def test_killed_it_refuses_paused_it_times_out_and_it_comes_back(server: Server) -> None:
    server.pause()
    with pytest.raises(TimeoutError, match="timed out"):
        _get(server)
    server.resume()
    assert _is_up(server)
    server.kill()
    with pytest.raises(urllib.error.URLError, match="refused"):
        _get(server)
    server.restart()
    assert _is_up(server)
    server.restart()
    assert _is_up(server)


def test_the_real_one_on_path_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    recipe = OpaRecipe()
    recipe.find()
    assert "mic.testing.servers._programs.opa" in recipe.launch(tmp_path, [1]).command
    (tmp_path / "opa").touch(0o755)
    recipe.find()
    launch = recipe.launch(tmp_path, [1234])
    assert launch.command[0] == str(tmp_path / "opa")
    assert "127.0.0.1:1234" in launch.command


def test_without_what_ours_needs_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "wheel_folder", lambda package: None)
    with pytest.raises(ServerUnavailableError, match=r"install mic-testing\[otlp\]$"):
        OtlpRecipe().find()


def test_where_there_is_no_real_one_it_has_no_command() -> None:
    with pytest.raises(NotImplementedError, match=r"^$"):
        OtlpRecipe().real_command(Path(), [])


def test_the_real_ones_name_is_what_the_environments_is_called(otlp_collector: Server) -> None:
    recipe: HttpRecipe = OpaRecipe()
    assert recipe.ask(otlp_collector.url + "/") == "OPA"
    recipe.close_space(otlp_collector, "t1")
