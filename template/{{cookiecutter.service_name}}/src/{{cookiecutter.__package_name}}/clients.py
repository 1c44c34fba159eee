"""Calls other services as this one."""

import httpx
from mic.client import AsyncServiceHttpClient, HttpRetryPolicy
from mic.model import ErrorRegistry

from {{ cookiecutter.__package_name }}.authentication import build_signer
from {{ cookiecutter.__package_name }}.settings import Settings


def build_client(
    settings: Settings,
    *,
    base_url: str,
    audience: str,
    errors: ErrorRegistry = (),
    client: httpx.AsyncClient | None = None,
) -> AsyncServiceHttpClient:
    """A client for the service `audience` at `base_url`; close it when the app shuts down.

    It signs every request, passes correlation ids and the time that is left on, repeats what is
    safe to repeat, and raises the `errors` that the other service raised.
    """
    return AsyncServiceHttpClient(
        base_url=base_url,
        audience=audience,
        signer=build_signer(settings),
        errors=errors,
        client=client,
        retry=HttpRetryPolicy(),
    )
