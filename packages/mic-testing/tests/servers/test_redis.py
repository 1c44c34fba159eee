from __future__ import annotations

from pathlib import Path

import pytest
import redis

from mic.testing.servers import Server, ServerUnavailableError
from mic.testing.servers import _redis as module
from mic.testing.servers._redis import RedisRecipe, version_of


@pytest.fixture
def client(redis_server: Server) -> redis.Redis:
    return redis.Redis.from_url(
        redis_server.url, socket_timeout=0.5, protocol=2, retry=None, decode_responses=True
    )


def test_it_is_on_a_port_of_its_own(redis_server: Server, client: redis.Redis) -> None:
    assert redis_server.kind == "redis"
    assert redis_server.version.startswith("Valkey 9.")
    assert redis_server.url == f"redis://127.0.0.1:{redis_server.port}/0"
    assert redis_server.port != 6379
    assert client.info("server")["process_id"] == redis_server.pid
    assert client.config_get("bind")["bind"] == "127.0.0.1"
    client.close()


def test_its_data_survive_a_kill_and_a_restart(
    redis_server: Server, redis_namespace: str, client: redis.Redis
) -> None:
    client.set(f"{redis_namespace}:a", "1")
    redis_server.restart()
    client.set(f"{redis_namespace}:b", "2")
    redis_server.kill()
    with pytest.raises(redis.ConnectionError, match="refused"):
        client.get("x")
    redis_server.restart()
    assert client.mget(f"{redis_namespace}:a", f"{redis_namespace}:b") == ["1", "2"]
    client.close()


def test_paused_it_times_out(redis_server: Server, client: redis.Redis) -> None:
    client.ping()
    redis_server.pause()
    with pytest.raises(redis.TimeoutError, match="Timeout"):
        client.ping()
    redis_server.resume()
    assert client.ping() is True
    client.close()


_FOUND: list[str] = []


@pytest.mark.parametrize("turn", [1, 2])
def test_one_test_does_not_see_what_another_wrote(
    turn: int, redis_namespace: str, client: redis.Redis
) -> None:
    assert client.keys(f"*{redis_namespace}*") == []
    assert redis_namespace not in _FOUND
    assert [client.exists(f"{name}:x") for name in _FOUND] == [0] * (turn - 1)
    client.set(f"{redis_namespace}:x", turn)
    _FOUND.append(redis_namespace)
    client.close()


def test_a_namespace_is_removed_wherever_it_stands_in_a_key(
    redis_server: Server, client: redis.Redis
) -> None:
    client.mset({"tabc": 1, "p:{tabc}:x": 2, "other": 3})
    RedisRecipe().close_space(redis_server, "tabc")
    assert client.exists("tabc", "p:{tabc}:x") == 0
    assert client.delete("other") == 1
    client.close()


def test_without_the_wheel_it_is_the_program_on_path(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(module, "wheel_folder", lambda package: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ServerUnavailableError, match="no redis server here"):
        RedisRecipe().find()
    (tmp_path / "redis-server").touch(0o755)
    recipe = RedisRecipe()
    recipe.find()
    assert recipe.launch(tmp_path, [1]).command[0] == str(tmp_path / "redis-server")
    (tmp_path / "valkey-server").touch(0o755)
    recipe.find()
    assert recipe.launch(tmp_path, [1]).command[0] == str(tmp_path / "valkey-server")


def test_a_wheel_without_a_program_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(module, "wheel_folder", lambda package: tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ServerUnavailableError, match="no redis server here"):
        RedisRecipe().find()


@pytest.mark.parametrize(
    ("info", "name"),
    [
        ({"redis_version": "7.2.4", "valkey_version": "9.1.2"}, "Valkey 9.1.2"),
        ({"redis_version": "7.0.15"}, "Redis 7.0.15"),
    ],
)
def test_it_is_called_what_it_is(info: dict[str, object], name: str) -> None:
    assert version_of(info) == name
