"""Every server there is, by the name that `--mic-require` takes."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mic.testing.servers._recipe import Recipe

_RECIPES = {
    "redis": ("_redis", "RedisRecipe"),
    "redis-cluster": ("_redis_cluster", "RedisClusterRecipe"),
    "redis-cluster-replicas": ("_redis_cluster", "RedisClusterReplicasRecipe"),
    "postgres": ("_postgres", "PostgresRecipe"),
    "nats": ("_nats", "NatsRecipe"),
    "kafka": ("_kafka", "KafkaRecipe"),
    "kafka-mock": ("_kafka_mock", "KafkaMockRecipe"),
    "kafka-proxy": ("_kafka_proxy", "KafkaProxyRecipe"),
    "mongo": ("_mongo", "MongoRecipe"),
    "neo4j": ("_neo4j", "Neo4jRecipe"),
    "opa": ("_opa", "OpaRecipe"),
    "openfga": ("_openfga", "OpenFgaRecipe"),
    "otlp": ("_otlp", "OtlpRecipe"),
    "mysql": ("_mysql", "MysqlRecipe"),
    "browser": ("_browser", "BrowserRecipe"),
}


def recipe_of(name: str) -> Recipe:
    """A new recipe of this name; its module is imported now."""
    module, attribute = _RECIPES[name]
    imported = importlib.import_module(f"mic.testing.servers.{module}")
    recipe: Recipe = getattr(imported, attribute)()
    return recipe


def names() -> tuple[str, ...]:
    """What `recipe_of` takes."""
    return tuple(_RECIPES)
