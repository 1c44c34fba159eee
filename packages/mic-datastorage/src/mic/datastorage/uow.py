"""Units of work: what other distributions join, and what a backend implements."""

from mic.datastorage._async.transactional import AsyncTransactionalDataStorage
from mic.datastorage._async.uow import AsyncUnitOfWork, AsyncUnitScope
from mic.datastorage._options import IsolationLevel, UnitOptions
from mic.datastorage._sync.transactional import TransactionalDataStorage
from mic.datastorage._sync.uow import UnitOfWork, UnitScope
from mic.datastorage._unit_book import UnitState

__all__ = [
    "AsyncTransactionalDataStorage",
    "AsyncUnitOfWork",
    "AsyncUnitScope",
    "IsolationLevel",
    "TransactionalDataStorage",
    "UnitOfWork",
    "UnitOptions",
    "UnitScope",
    "UnitState",
]
