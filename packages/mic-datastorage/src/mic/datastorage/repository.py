"""Repositories: typed access to the records of one type, and what a backend needs to give it."""

from mic.datastorage._async.repository import AsyncRepository
from mic.datastorage._options import (
    ReadPlan,
    RepositoryOptions,
    check_batch,
    check_fields,
    version_to_expect,
)
from mic.datastorage._sync.repository import Repository

__all__ = [
    "AsyncRepository",
    "ReadPlan",
    "Repository",
    "RepositoryOptions",
    "check_batch",
    "check_fields",
    "version_to_expect",
]
