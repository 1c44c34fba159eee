"""What every storage has: lifecycle, health, and the way to it by URL."""

from mic.datastorage._async.base import AsyncDataStorage
from mic.datastorage._connect import aconnect, connect
from mic.datastorage._health import HealthReport
from mic.datastorage._sync.base import DataStorage
from mic.datastorage._urls import redact_url, resolve_optional_client

__all__ = [
    "AsyncDataStorage",
    "DataStorage",
    "HealthReport",
    "aconnect",
    "connect",
    "redact_url",
    "resolve_optional_client",
]
