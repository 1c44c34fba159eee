"""The suite of repositories."""

from mic.testing.contracts._async.repository import AsyncRepositoryContract
from mic.testing.contracts._storage_records import ContractRecord
from mic.testing.contracts._sync.repository import RepositoryContract

__all__ = ["AsyncRepositoryContract", "ContractRecord", "RepositoryContract"]
