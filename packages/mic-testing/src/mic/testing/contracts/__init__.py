"""Contract suites: the executable specification of every interface, run against every backend."""

from mic.testing.contracts._base import AsyncContractBase, ContractBase, needs_server

__all__ = ["AsyncContractBase", "ContractBase", "needs_server"]
