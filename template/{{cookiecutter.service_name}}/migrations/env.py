"""Runs the revisions, by Alembic's command line or by the service's own `migrate`."""

from alembic import context
from mic.datastorage_sql.migrations import env_main
from sqlmodel import SQLModel

from {{ cookiecutter.__package_name }}.items import storage as storage
from {{ cookiecutter.__package_name }}.settings import Settings

env_main(
    context,
    target_metadata=SQLModel.metadata,
    url=Settings().database_url.get_secret_value(),
)
