"""The command line: serve, migrate, routes, openapi."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from mic.datastorage_sql import SqlDataStorage, migrations
{% if cookiecutter.http_framework == 'fastapi' -%}
from mic.fastapi import serve
from mic.http import OpenApiInfo, build_openapi
{%- else -%}
from mic.http import OpenApiInfo, build_openapi
from mic.litestar import serve
{%- endif %}

from {{ cookiecutter.__package_name }}.application import (
    TITLE,
    VERSION,
    build_app,
    build_options,
    build_routes,
    build_storage,
)
from {{ cookiecutter.__package_name }}.settings import Settings


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 0 means that it worked."""
    parser = argparse.ArgumentParser(prog="{{ cookiecutter.service_name }}")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="serve HTTP on HOST:PORT; never migrates")
    commands.add_parser("migrate", help="bring the database up to date")
    commands.add_parser("routes", help="list the routes")
    commands.add_parser("openapi", help="print the OpenAPI document")
    command = parser.parse_args(argv).command
    settings = Settings()
    if command == "serve":
        serve(
            build_app(settings),
            host=settings.host,
            port=settings.port,
            trusted_proxies=settings.trusted_proxies,
            log_level=settings.log_level,
        )
    elif command == "migrate":
        migrate(settings)
    elif command == "routes":
        for route in build_routes(build_storage(settings)):
            _say(f"{route.method:7} {route.path:24} {route.name}")
    else:
        info = OpenApiInfo(title=TITLE, version=VERSION)
        routes = build_routes(build_storage(settings))
        _say(json.dumps(build_openapi(routes, info, options=build_options(settings)), indent=2))
    return 0


def migrate(settings: Settings, *, scripts: Path = Path("migrations")) -> None:
    """Apply the revisions that the database lacks; of several processes one applies, all wait."""
    with SqlDataStorage(url=settings.database_url.get_secret_value()) as storage:
        migrations.upgrade(storage, script_location=str(scripts))
    _say("the database is up to date")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main())
