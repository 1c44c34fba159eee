from collections.abc import AsyncIterator

import httpx
import pytest
from mic.model import DomainError, PreconditionFailedError

from {{ cookiecutter.__package_name }}.clients import build_client
from {{ cookiecutter.__package_name }}.items.client import ERRORS, ItemClient
from {{ cookiecutter.__package_name }}.items.model import (
    ItemNameTakenError,
    ItemNotFoundError,
)
from {{ cookiecutter.__package_name }}.settings import Settings


@pytest.fixture
async def items(transport: httpx.ASGITransport, settings: Settings) -> AsyncIterator[ItemClient]:
    """What another service would use, over the transport of this one."""
    async with (
        httpx.AsyncClient(transport=transport) as http,
        build_client(
            settings,
            base_url="http://test",
            audience=settings.service_auth_audience,
            errors=ERRORS,
            client=http,
        ) as signed,
    ):
        yield ItemClient(signed)


async def test_calls_every_route(items: ItemClient) -> None:
    created = await items.create(name="nail", quantity=3)
    assert await items.read(created.id) == created
    changed = await items.update(created, name="screw", quantity=4)
    assert (changed.id, changed.name, changed.version) == (created.id, "screw", 2)
    await items.delete(created.id)


async def test_errors_come_back_as_what_they_were(items: ItemClient) -> None:
    created = await items.create(name="nail")
    with pytest.raises(ItemNameTakenError, match="name") as taken:
        await items.create(name="nail")
    assert taken.value.details["name"] == "nail"
    await items.update(created, name="screw", quantity=4)
    with pytest.raises(PreconditionFailedError, match="changed"):
        await items.update(created, name="bolt", quantity=5)
    for unknown in ("none", "a b?c"):
        with pytest.raises(ItemNotFoundError, match="item"):
            await items.read(unknown)


async def test_an_id_leads_nowhere_else(items: ItemClient) -> None:
    with pytest.raises(DomainError, match="not below the base URL"):
        await items.read("../health")
