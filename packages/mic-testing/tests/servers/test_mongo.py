from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pymongo
import pymongo.errors
import pytest

from mic.testing import eventually
from mic.testing.servers import Server, ServerUnavailableError
from mic.testing.servers import _mongo as module
from mic.testing.servers._mongo import MongoRecipe

Client = pymongo.MongoClient[dict[str, Any]]


@pytest.fixture
def client(mongo_server: Server) -> Iterator[Client]:
    with pymongo.MongoClient[dict[str, Any]](
        mongo_server.url, serverSelectionTimeoutMS=1000, socketTimeoutMS=500, retryReads=False
    ) as client:
        yield client


def test_it_is_on_a_port_of_its_own_and_is_called_what_it_is(mongo_server: Server) -> None:
    assert mongo_server.version.startswith("NX-27017 0.")
    assert mongo_server.port != 27017
    assert MongoRecipe().ask(mongo_server.url).startswith("MongoDB")


def test_its_data_survive_a_restart_and_a_kill(
    mongo_server: Server, mongo_database: str, client: Client
) -> None:
    things = client[mongo_database].things
    things.insert_one({"_id": 1})
    mongo_server.restart()
    # what the client had connected is gone, and it tries nothing again by itself
    eventually(lambda: things.replace_one({"_id": 2}, {"_id": 2}, upsert=True))
    mongo_server.kill()
    with pytest.raises(pymongo.errors.ConnectionFailure, match=r"refused|closed|reset"):
        things.find_one()
    mongo_server.restart()
    assert eventually(lambda: [each["_id"] for each in things.find()]) == [1, 2]


def test_paused_it_times_out(mongo_server: Server, mongo_database: str, client: Client) -> None:
    client[mongo_database].things.find_one()
    mongo_server.pause()
    with pytest.raises(pymongo.errors.NetworkTimeout, match="timed out"):
        client[mongo_database].things.find_one()
    mongo_server.resume()
    assert client[mongo_database].things.find_one() is None


_FOUND: list[str] = []


@pytest.mark.parametrize("turn", [1, 2])
def test_one_test_does_not_see_what_another_wrote(
    turn: int, mongo_database: str, client: Client
) -> None:
    assert not set(_FOUND) & set(client.list_database_names())
    client[mongo_database].things.insert_one({"_id": turn})
    assert client[mongo_database].things.count_documents({}) == 1
    _FOUND.append(mongo_database)


def test_without_the_wheel_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "wheel_folder", lambda package: None)
    with pytest.raises(ServerUnavailableError, match=r"install mic-testing\[mongo\], or name"):
        MongoRecipe().find()
