"""Calls other services: `ServiceHttpClient` and its asynchronous form."""

from mic.client._async.client import AsyncServiceHttpClient
from mic.client._sync.client import ServiceHttpClient

__all__ = ["AsyncServiceHttpClient", "ServiceHttpClient"]
