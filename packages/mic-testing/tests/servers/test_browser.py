from __future__ import annotations

import os
import signal
import sys
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from typing import Any

import pytest

from mic.testing import ScriptedHttpServer, eventually
from mic.testing.scripted_http import reply
from mic.testing.servers import Server, ServerUnavailableError
from mic.testing.servers import _browser as module
from mic.testing.servers._browser import BrowserRecipe, open_browser
from mic.testing.servers._processes import (
    PROC,
    carrying,
    descendants,
    is_running,
    same_imports,
    wait_until_gone,
)
from mic.testing.servers._watchdog import MARK

pytest_plugins = ["pytester"]

# where Chromium is installed


def test_it_shows_a_page_of_this_machine(browser: Any) -> None:
    with ScriptedHttpServer() as server:
        html = b"<title>Orders</title><p id=x></p><script>x.textContent = 6 * 7</script>"
        server.script(reply(200, html, headers={"content-type": "text/html"}))
        page = browser.new_page()
        page.goto(server.url)
        assert (page.title(), page.inner_text("#x")) == ("Orders", "42")


@pytest.mark.parametrize(
    "url", ["http://192.0.2.1/", "https://nowhere.test/", "http://[2001:db8::1]/"]
)
def test_it_reaches_nothing_else(browser: Any, url: str) -> None:
    page = browser.new_page()
    with pytest.raises(Exception, match=r"ERR_PROXY_CONNECTION_FAILED"):
        page.goto(url)


_FOUND: list[int] = []


@pytest.mark.parametrize("turn", [1, 2])
def test_one_test_does_not_see_what_another_stored(browser: Any, turn: int) -> None:
    with ScriptedHttpServer() as server:
        server.script(reply(200, b"<p>", headers={"content-type": "text/html"}))
        page = browser.new_page()
        page.goto(server.url)
        assert page.context.cookies() == []
        page.context.add_cookies([{"name": "seen", "value": "x", "url": "http://127.0.0.1/"}])
        _FOUND.append(len(browser.contexts))
    assert _FOUND[0] == _FOUND[-1]


def test_killed_or_paused_it_comes_back(browser_process: Server, tmp_path: Path) -> None:
    assert browser_process.version.startswith("Chrome ")
    browser_process.kill()
    with pytest.raises(OSError, match="refused"):
        BrowserRecipe().ask(browser_process.url)
    browser_process.restart()
    browser_process.pause()
    with pytest.raises(TimeoutError, match="timed out"):
        BrowserRecipe().ask(browser_process.url)
    browser_process.resume()
    with open_browser(browser_process, tmp_path) as browser:
        assert browser.new_page().title() == ""


HOLDS = """
import sys, time
from mic.testing.servers._browser import open_browser
from mic.testing.servers._supervisor import Supervisor
supervisor = Supervisor()
server = supervisor.server("browser")
with open_browser(server, supervisor.scratch("playwright")) as browser:
    browser.new_page()
    print(server.pid, flush=True)
    if sys.argv[1] == "hold":
        time.sleep(600)
supervisor.close()
"""


@pytest.mark.parametrize("how", ["hold", "end"])
def test_however_its_user_ends_nothing_is_left(
    browser_process: Server, start_child: Callable[..., Any], how: str, tmp_path: Path
) -> None:
    child = start_child(HOLDS, how, env={**os.environ, **same_imports(), "TMPDIR": str(tmp_path)})
    pid = int(child.first_line)
    mark = next(
        each.decode()
        for each in (PROC / str(pid) / "environ").read_bytes().split(b"\0")
        if each.startswith(MARK.encode())
    )
    folder = Path(mark.partition("=")[2])
    assert folder.parent == tmp_path
    if how == "hold":
        driver = [each for each in descendants(child.pid) if "node" in _command(each)]
        assert driver
        child.send_signal(signal.SIGKILL)
        assert wait_until_gone(driver, 20)
    child.wait(60)
    eventually(lambda: not folder.exists(), within=20)
    eventually(lambda: not [each for each in carrying(mark) if is_running(each)], within=20)
    assert list(tmp_path.iterdir()) == []


def _command(pid: int) -> str:
    return (PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode()


# everywhere


@pytest.mark.parametrize(
    ("wheel", "program", "found"), [(True, True, True), (True, False, False), (False, True, False)]
)
def test_it_takes_the_program_and_what_drives_it(
    wheel: bool, program: bool, found: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "wheel_folder", lambda package: tmp_path if wheel else None)
    monkeypatch.setenv("PATH", str(tmp_path))
    if program:
        (tmp_path / "chromium").touch(0o755)
    recipe = BrowserRecipe()
    if not found:
        told = r"install mic-testing\[browser\], and Chromium .*, or name a running one in"
        with pytest.raises(ServerUnavailableError, match=told):
            recipe.find()
        return
    recipe.find()
    launch = recipe.launch(tmp_path / "folder", [21_000])
    assert launch.command[0] == str(tmp_path / "chromium")
    assert "--remote-debugging-port=21000" in launch.command
    assert set(launch.environment.values()) == {str(tmp_path / "folder"), "."}
    assert recipe.url([21_000]) == "http://127.0.0.1:21000"


def test_a_browser_tells_its_version() -> None:
    with ScriptedHttpServer() as server:
        server.script(reply(200, b'{"Browser": "Chrome/156.0"}'))
        assert BrowserRecipe().ask(server.url) == "Chrome 156.0"


@pytest.mark.parametrize("body", [b"[]", b'{"Browser": 1}', b"{}"])
def test_what_is_no_browser_is_none(body: bytes) -> None:
    with ScriptedHttpServer() as server:
        server.script(reply(200, body))
        with pytest.raises(HTTPException, match="no browser answers there"):
            BrowserRecipe().ask(server.url)


class Driver:
    """Stands for Playwright."""

    def __init__(self) -> None:
        self.chromium = self
        self.did: list[object] = []

    @contextmanager
    def sync_playwright(self) -> Iterator[Driver]:
        yield self
        self.did.append("stopped")

    def connect_over_cdp(self, url: str, *, artifacts_dir: Path, timeout: float) -> Driver:
        self.did += [url, artifacts_dir]
        return self

    def close(self) -> None:
        self.did.append("closed")


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> Driver:
    made = Driver()
    api = types.ModuleType("playwright.sync_api")
    vars(api)["sync_playwright"] = made.sync_playwright
    monkeypatch.setitem(sys.modules, "playwright.sync_api", api)
    return made


def server_at(url: str) -> Server:
    control: Any = None
    return Server(url=url, kind="browser", version="x", control=control)


def test_a_connection_ends_with_its_block(driver: Driver) -> None:
    with open_browser(server_at("http://127.0.0.1:1"), Path("folder")) as browser:
        driver.did.append(browser)
    assert driver.did == ["http://127.0.0.1:1", Path("folder"), driver, "closed", "stopped"]


def test_a_connection_ends_with_the_blocks_failure(driver: Driver) -> None:
    with pytest.raises(KeyError, match="x"), open_browser(server_at("http://127.0.0.1:1"), Path()):
        raise KeyError("x")
    assert driver.did[2:] == ["closed"]


def test_without_playwright_its_extra_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "playwright", None)
    monkeypatch.delitem(sys.modules, "playwright.sync_api", raising=False)
    told = r"^the fixture browser needs playwright\S*: install mic-testing\[browser\]$"
    with (
        pytest.raises(ImportError, match=told),
        open_browser(server_at("http://127.0.0.1:1"), Path()),
    ):
        raise AssertionError


def test_the_fixture_gives_a_browser_of_the_process(
    run_tests: Callable[..., pytest.RunResult],
) -> None:
    source = """
import contextlib
import pytest
from mic.testing.servers import _browser

@pytest.fixture
def browser_process(): return "the process"

@pytest.fixture(autouse=True)
def fake(monkeypatch):
    opened = lambda process, folder: contextlib.nullcontext((process, folder.name))
    monkeypatch.setattr(_browser, "open_browser", opened)

def test_x(fake, browser): assert browser == ("the process", "playwright")
"""
    run_tests(source).assert_outcomes(passed=1)
