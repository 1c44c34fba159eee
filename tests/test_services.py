"""Two generated services: what one raises, the other catches, over real HTTP."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.demo.service import Service, bake, running
from tools.workspace import ROOT

SECRET = "the secret that both of them have: thirty-two bytes"
BUSY = '''
"""A route that is too busy to answer."""

from mic.http import AuthMode, HttpRouteSpec
from mic.model import TransientError


class StockBusyError(TransientError):
    """Try again later."""

    default_code = "stock.busy"


async def count() -> None:
    """Count everything."""
    raise StockBusyError(message="counting", details={"queue": 3}, retry_after_seconds=60)


ROUTE = HttpRouteSpec(
    method="GET",
    path="/count",
    name="stock.count",
    category="stock",
    handler=count,
    auth=AuthMode.SERVICE,
    errors=(StockBusyError,),
)
'''
CALLER = """
import asyncio
import json
import sys

from orders.clients import build_client
from orders.settings import load_settings
from stock.busy import StockBusyError
from stock.items.client import ERRORS, ItemClient
from stock.items.model import ItemNameTakenError, ItemNotFoundError


async def main(url, audience):
    caught = []
    errors = (*ERRORS, StockBusyError)
    http = build_client(load_settings(), base_url=url, audience=audience, errors=errors)
    async with http:
        items = ItemClient(http)
        created = await items.create(name="tea", quantity=3)
        calls = (
            (ItemNotFoundError, items.read("none")),
            (ItemNameTakenError, items.create(name="tea")),
            (StockBusyError, http.get("/count")),
        )
        for kind, call in calls:
            try:
                await call
            except kind as error:
                caught.append([type(error).__name__, error.message, error.details])
                caught[-1].append(error.retry_after_seconds)
    print(json.dumps([created.name, caught]))


asyncio.run(main(*sys.argv[1:]))
"""


class Sibling(Service):
    """A generated service that runs on the workspace's own environment."""

    @property
    def python(self) -> Path:
        """The interpreter of the workspace."""
        return Path(sys.executable)

    @property
    def environment(self) -> dict[str, str]:
        """Where its modules are."""
        return {"PYTHONPATH": str(self.folder / "src")}

    def run(self, *arguments: str, **environment: str) -> str:
        """Run Python in its folder."""
        done = subprocess.run(
            [str(self.python), *arguments],
            cwd=self.folder,
            env={**os.environ, **self.environment, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="module", params=["fastapi", "litestar"])
def stock(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Sibling, str]]:
    """The service that is called, up and answering, and its URL."""
    folder = tmp_path_factory.mktemp(request.param)
    service = generated(folder, "stock", request.param, issuers="orders")
    source = service.folder / "src" / "stock"
    (source / "busy.py").write_text(BUSY)
    application = source / "application.py"
    routes = "*build_health_routes())"
    text = application.read_text().replace(routes, f"{routes[:-1]}, ROUTE)")
    application.write_text(text.replace("\nTITLE", "from stock.busy import ROUTE\n\nTITLE"))
    service.run("-m", "stock.main", "migrate")
    with running(service) as url:
        yield service, url


def generated(into: Path, name: str, framework: str, *, issuers: str) -> Sibling:
    folder = bake(ROOT / "template", into, name=name, framework=framework)
    (folder / ".env").write_text(
        f"SERVICE_AUTH_SECRETS={SECRET}\nSERVICE_AUTH_ALLOWED_ISSUERS={issuers}\n"
    )
    return Sibling(folder, name, into)


def test_an_error_of_one_service_is_caught_as_its_class_in_another(
    stock: tuple[Sibling, str], tmp_path: Path
) -> None:
    called, url = stock
    caller = generated(tmp_path, "orders", "fastapi", issuers="orders")
    paths = os.pathsep.join(str(each.folder / "src") for each in (caller, called))
    printed = caller.run("-c", textwrap.dedent(CALLER), url, "stock", PYTHONPATH=paths)
    created, caught = json.loads(printed)
    assert created == "tea"
    assert caught == [
        [
            "ItemNotFoundError",
            "there is no such item",
            {"item_id": "none", "status_code": 404},
            None,
        ],
        [
            "ItemNameTakenError",
            "another item has this name",
            {"name": "tea", "status_code": 409},
            None,
        ],
        ["StockBusyError", "counting", {"queue": 3, "status_code": 503}, 60.0],
    ]


def test_a_service_that_is_not_on_the_list_is_refused(
    stock: tuple[Sibling, str], tmp_path: Path
) -> None:
    called, url = stock
    stranger = generated(tmp_path, "stranger", "fastapi", issuers="stranger")
    code = f"""
        import asyncio
        from stranger.clients import build_client
        from stranger.settings import load_settings
        from mic.model import UnauthorizedError

        async def main():
            async with build_client(load_settings(), base_url={url!r}, audience="stock") as http:
                try:
                    await http.get("/items")
                except UnauthorizedError as error:
                    print(error.code)

        asyncio.run(main())
        """
    assert stranger.run("-c", textwrap.dedent(code)).strip() == "service_auth.invalid_issuer"
    assert called.folder != stranger.folder
