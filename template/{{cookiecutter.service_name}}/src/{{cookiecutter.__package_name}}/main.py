"""The command line: serve, migrate, token, routes, openapi, doctor."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Sequence
from pathlib import Path

from mic.cli import (
    CliCommandSpec,
    CommandResult,
    build_parser,
    dispatch,
    doctor_command,
    openapi_command,
    routes_command,
)
from mic.datastorage_sql import SqlDataStorage, migrations
{% if cookiecutter.http_framework == 'fastapi' -%}
from mic.fastapi import serve
from mic.http import HttpRouteSpec, OpenApiInfo
{%- else -%}
from mic.http import HttpRouteSpec, OpenApiInfo
from mic.litestar import serve
{%- endif %}

from {{ cookiecutter.__package_name }}.application import (
    TITLE,
    VERSION,
    build_app,
    build_routes,
    build_storage,
)
from {{ cookiecutter.__package_name }}.authentication import build_signer
from {{ cookiecutter.__package_name }}.settings import Settings, load_settings


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 0 means that it worked."""
    parser = build_parser(
        prog=TITLE,
        description="Runs the service, and looks at it.",
        version=VERSION,
        json_output=True,
        commands=(
            CliCommandSpec("serve", _serve, "serve HTTP on HOST:PORT; never migrates"),
            CliCommandSpec("migrate", _migrate, "bring the database up to date"),
            CliCommandSpec("token", _token, "print a token that this service accepts", _token_args),
            routes_command(_routes),
            openapi_command(_routes, OpenApiInfo(title=TITLE, version=VERSION)),
            doctor_command(),
        ),
    )
    return dispatch(parser, argv)


def migrate(settings: Settings, *, scripts: Path = Path("migrations")) -> None:
    """Apply the revisions that the database lacks; of several processes one applies, all wait."""
    with SqlDataStorage(url=settings.database_url.get_secret_value()) as storage:
        migrations.upgrade(storage, script_location=str(scripts))


def _serve(_: Namespace) -> None:
    settings = load_settings()
    serve(
        build_app(settings),
        host=settings.host,
        port=settings.port,
        trusted_proxies=settings.trusted_proxies,
        log_level=settings.log_level,
    )


def _migrate(_: Namespace) -> CommandResult:
    migrate(load_settings())
    return CommandResult({"migrated": True}, "the database is up to date")


def _token_args(parser: ArgumentParser) -> None:
    parser.add_argument("--subject", help="for whom the caller calls")


def _token(arguments: Namespace) -> CommandResult:
    settings = load_settings()
    token = build_signer(settings).sign(
        audience=settings.service_auth_audience, subject=arguments.subject
    )
    return CommandResult({"token": token}, token)


def _routes() -> Iterable[HttpRouteSpec]:
    settings = load_settings()
    return build_routes(settings, build_storage(settings))


if __name__ == "__main__":
    sys.exit(main())
