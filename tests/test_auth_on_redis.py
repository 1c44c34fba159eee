"""Revocation and replay on a real Redis, through the cache: what processes know of each other."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from mic.auth import (
    AsyncCacheReplayGuard,
    AsyncRevocationList,
    AsyncServiceAuthVerifier,
    CacheReplayGuard,
    RevocationList,
    ServiceAuthError,
    ServiceAuthSigner,
    ServiceAuthVerifier,
)
from mic.cache_redis import AsyncRedisCache, RedisCache
from mic.model import TransientError
from mic.testing.servers import Server

COMMON: dict[str, Any] = {
    "secrets": ("s" * 32,),
    "audience": "stock",
    "allowed_issuers": ("orders",),
}
SIGNER = ServiceAuthSigner(secret="s" * 32, issuer="orders")
OTHER_PROCESS = """
import json, sys
from concurrent.futures import ThreadPoolExecutor
from mic.auth import *
from mic.auth import CacheReplayGuard, RevocationList
from mic.cache_redis import RedisCache

cache = RedisCache(url=sys.argv[1], namespace=sys.argv[2])
common = dict(secrets=("s" * 32,), audience="stock", allowed_issuers=("orders",))

def revoke(subject):
    RevocationList(cache=cache).revoke_all_for_subject(subject, ttl_seconds=60)

def present(token):
    guard = CacheReplayGuard(cache=cache)
    verifier = ServiceAuthVerifier(**common, replay_guard=guard)

    def once(_):
        try:
            return verifier.verify(token).iss
        except ServiceAuthError as error:
            return error.code

    with ThreadPoolExecutor(16) as pool:
        return list(pool.map(once, range(16)))

print(json.dumps("ready"), flush=True)
for line in sys.stdin:
    name, argument = json.loads(line)
    print(json.dumps(globals()[name](argument)), flush=True)
"""


class Other:
    """Another process on the same Redis."""

    def __init__(self, url: str, namespace: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", OTHER_PROCESS, url, namespace],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.hears() == "ready"

    def tell(self, name: str, argument: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([name, argument]) + "\n")
        self._process.stdin.flush()

    def hears(self) -> Any:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        self._process.communicate(timeout=60)


@pytest.fixture
def other(redis_server: Server, redis_namespace: str) -> Iterator[Other]:
    process = Other(redis_server.url, redis_namespace)
    yield process
    process.close()


@pytest.fixture
def cache(redis_server: Server, redis_namespace: str) -> Iterator[RedisCache]:
    with RedisCache(url=redis_server.url, namespace=redis_namespace) as cache:
        yield cache


def present(verifier: ServiceAuthVerifier, token: str) -> str:
    try:
        return verifier.verify(token).iss
    except ServiceAuthError as error:
        return error.code


def test_a_revocation_in_one_process_is_seen_by_the_next_call_in_another(
    other: Other, cache: RedisCache
) -> None:
    verifier = ServiceAuthVerifier(**COMMON, revocations=RevocationList(cache=cache))
    token = SIGNER.sign(audience="stock", subject="ada")
    assert [present(verifier, token) for _ in range(2)] == ["orders", "orders"]
    other.tell("revoke", "ada")
    assert other.hears() is None
    assert present(verifier, token) == "service_auth.revoked"
    assert present(verifier, SIGNER.sign(audience="stock", subject="bob")) == "orders"


async def test_the_asynchronous_list_sees_it_too(
    other: Other, redis_server: Server, redis_namespace: str
) -> None:
    async with AsyncRedisCache(url=redis_server.url, namespace=redis_namespace) as cache:
        revocations = AsyncRevocationList(cache=cache)
        verifier = AsyncServiceAuthVerifier(**COMMON, revocations=revocations)
        token = SIGNER.sign(audience="stock", subject="ada")
        assert (await verifier.verify(token)).sub == "ada"
        other.tell("revoke", "ada")
        assert other.hears() is None
        with pytest.raises(ServiceAuthError, match="Token verification failed") as caught:
            await verifier.verify(token)
        assert caught.value.code == "service_auth.revoked"


def test_of_32_presentations_in_two_processes_one_passes(other: Other, cache: RedisCache) -> None:
    verifier = ServiceAuthVerifier(**COMMON, replay_guard=CacheReplayGuard(cache=cache))
    token = SIGNER.sign(audience="stock")
    other.tell("present", token)
    with ThreadPoolExecutor(16) as pool:
        ours = list(pool.map(lambda _: present(verifier, token), range(16)))
    assert sorted([*ours, *other.hears()]) == ["orders"] + ["service_auth.replayed"] * 31


async def test_a_token_is_good_once_whoever_asks(
    redis_server: Server, redis_namespace: str, cache: RedisCache
) -> None:
    async with AsyncRedisCache(url=redis_server.url, namespace=redis_namespace) as shared:
        guard = AsyncCacheReplayGuard(cache=shared)
        verifier = AsyncServiceAuthVerifier(**COMMON, replay_guard=guard)
        token = SIGNER.sign(audience="stock")
        assert (await verifier.verify(token)).iss == "orders"
    synchronous = ServiceAuthVerifier(**COMMON, replay_guard=CacheReplayGuard(cache=cache))
    assert present(synchronous, token) == "service_auth.replayed"


@pytest.mark.parametrize(
    ("collaborators", "code"),
    [
        (
            lambda cache: {"revocations": RevocationList(cache=cache)},
            "transient.revocation_unavailable",
        ),
        (
            lambda cache: {"replay_guard": CacheReplayGuard(cache=cache)},
            "transient.replay_unavailable",
        ),
    ],
    ids=["revocation", "replay"],
)
def test_while_redis_is_paused_nobody_passes(
    redis_server: Server, cache: RedisCache, collaborators: Any, code: str
) -> None:
    verifier = ServiceAuthVerifier(**COMMON, **collaborators(cache))
    assert present(verifier, SIGNER.sign(audience="stock", subject="ada")) == "orders"
    redis_server.pause()
    try:
        began = time.monotonic()
        with pytest.raises(TransientError, match="can not be told") as caught:
            verifier.verify(SIGNER.sign(audience="stock", subject="ada"))
        assert caught.value.code == code
        # two attempts of a second each, and time to spare on a busy machine
        assert time.monotonic() - began < 20
    finally:
        redis_server.resume()
    assert present(verifier, SIGNER.sign(audience="stock", subject="ada")) == "orders"
