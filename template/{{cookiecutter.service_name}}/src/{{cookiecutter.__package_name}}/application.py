"""The one place that wires the service together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

{% if cookiecutter.http_framework == 'fastapi' -%}
from fastapi import FastAPI
from mic.datastorage import AsyncTransactionalDataStorage
from mic.datastorage_sql import AsyncSqlDataStorage
from mic.fastapi import build_fastapi_app
from mic.http import AuthMode, HttpOptions, HttpRouteSpec, MicStack, bearer_authenticator
{%- else -%}
from litestar import Litestar
from litestar.openapi import OpenAPIConfig
from mic.datastorage import AsyncTransactionalDataStorage
from mic.datastorage_sql import AsyncSqlDataStorage
from mic.http import AuthMode, HttpOptions, HttpRouteSpec, MicStack, bearer_authenticator
from mic.litestar import build_litestar_app
{%- endif %}

from {{ cookiecutter.__package_name }}.authentication import build_verifier
from {{ cookiecutter.__package_name }}.health import build_health_routes
from {{ cookiecutter.__package_name }}.items.controller import ItemController
from {{ cookiecutter.__package_name }}.items.routes import build_item_routes
from {{ cookiecutter.__package_name }}.items.storage import SqlItemStore
from {{ cookiecutter.__package_name }}.settings import NAME, Settings

TITLE = NAME
VERSION = "0.1.0"


def build_storage(settings: Settings) -> AsyncSqlDataStorage:
    """The storage that the settings name. Nothing is opened yet."""
    return AsyncSqlDataStorage(url=settings.database_url.get_secret_value())


def build_routes(
    settings: Settings, storage: AsyncTransactionalDataStorage
) -> tuple[HttpRouteSpec, ...]:
    """Every route of the service, and who may call it."""
    controller = ItemController(items=SqlItemStore(storage))
    auth = AuthMode.SERVICE if settings.service_auth_enabled else AuthMode.PUBLIC
    return (*build_item_routes(controller, auth=auth), *build_health_routes())


def build_options(settings: Settings) -> HttpOptions:
    """How the routes are served."""
    authenticator = None
    if settings.service_auth_enabled:
        authenticator = bearer_authenticator(build_verifier(settings).verify)
    return HttpOptions(authenticator=authenticator, trusted_proxies=settings.trusted_proxies)


{% if cookiecutter.http_framework == 'fastapi' -%}
def build_app(settings: Settings, *, storage: AsyncSqlDataStorage | None = None) -> FastAPI:
{%- else -%}
def build_app(settings: Settings, *, storage: AsyncSqlDataStorage | None = None) -> Litestar:
{%- endif %}
    """Wire the service. What is opened here is closed when the app shuts down."""
    database = build_storage(settings) if storage is None else storage

    @asynccontextmanager
{%- if cookiecutter.http_framework == 'fastapi' %}
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
{%- else %}
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
{%- endif %}
        async with database:
            yield

{% if cookiecutter.http_framework == 'fastapi' %}    return build_fastapi_app(
        routes=build_routes(settings, database),
        options=build_options(settings),
        stack=MicStack(),
        title=TITLE,
        version=VERSION,
        lifespan=lifespan,
    )
{%- else %}    return build_litestar_app(
        routes=build_routes(settings, database),
        options=build_options(settings),
        stack=MicStack(),
        openapi_config=OpenAPIConfig(title=TITLE, version=VERSION, path="/docs"),
        lifespan=[lifespan],
    )
{%- endif %}
