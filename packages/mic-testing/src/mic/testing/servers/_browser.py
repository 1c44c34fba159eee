"""Chromium without a window, which a test drives through Playwright."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mic.testing._extras import import_extra
from mic.testing.servers._managed import Launch
from mic.testing.servers._ports import LOOPBACK
from mic.testing.servers._recipe import Recipe, program_on_path, wheel_folder
from mic.testing.servers.server import Server

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_TIMEOUT_SECONDS = 1.0
_CONNECT_MILLISECONDS = 20_000.0
_MOST_BYTES = 65_536
_FLAGS = (
    "--headless=new",
    # pages are the test's own, and its sandbox works neither as root nor in many containers
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--no-default-browser-check",
    # it speaks to nobody but this machine: whatever else goes to a proxy that there is not, names
    # are not looked up, and what knows no proxy is off
    f"--proxy-server={LOOPBACK}:1",
    f"--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE {LOOPBACK} , EXCLUDE localhost",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-pings",
    "--disable-breakpad",
)


class BrowserRecipe(Recipe):
    """A browser that listens for its driver on 127.0.0.1, with a profile of its own."""

    name = "browser"
    variable = "MIC_TEST_BROWSER_URL"
    advice = "mic-testing[browser], and Chromium (the operating system's package `chromium`)"

    def __init__(self) -> None:
        self._program = Path()

    def find(self) -> None:
        """The program on PATH, where there is what drives it."""
        program = program_on_path(*_PROGRAMS) if wheel_folder("playwright") else None
        self._program = program or self.missing()

    def launch(self, folder: Path, ports: Sequence[int]) -> Launch:
        """Everything that it writes goes into the folder."""
        names = ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR")
        # it runs in its folder, and the path of a socket that it makes must have 107 bytes at most
        environment = {**dict.fromkeys(names, str(folder)), "TMPDIR": "."}
        return Launch(
            command=[
                *(str(self._program), *_FLAGS, f"--remote-debugging-port={ports[0]}"),
                *(f"--user-data-dir={folder / 'profile'}", "about:blank"),
            ],
            port=ports[0],
            probe=self.probe(self.url(ports)),
            environment=environment,
        )

    def url(self, ports: Sequence[int]) -> str:
        """Where the DevTools protocol begins."""
        return f"http://{LOOPBACK}:{ports[0]}"

    def ask(self, url: str) -> str:
        """Ask for its version."""
        parts = urlsplit(url)
        connection = HTTPConnection(parts.hostname or "", parts.port, timeout=_TIMEOUT_SECONDS)
        try:
            connection.request("GET", "/json/version")
            answer = connection.getresponse()
            told = json.loads(answer.read(_MOST_BYTES))
        finally:
            connection.close()
        version = told.get("Browser") if isinstance(told, dict) else None
        if not isinstance(version, str):
            msg = "no browser answers there"
            raise HTTPException(msg)
        return version.replace("/", " ")

    def close_space(self, server: Server, space: str) -> None:
        """Nothing: what a test opened goes with its connection."""


@contextmanager
def open_browser(server: Server, folder: Path) -> Iterator[Browser]:
    """Connect to it; the pages that are opened meanwhile are closed when the block is left.

    Args:
        server: The browser.
        folder: Where Playwright puts what it has to write.

    Raises:
        ImportError: Playwright is not installed.
    """
    api = import_extra("playwright.sync_api", extra="browser", needed_by="the fixture browser")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.connect_over_cdp(
            server.url, artifacts_dir=folder, timeout=_CONNECT_MILLISECONDS
        )
        try:
            yield browser
        finally:
            browser.close()
