"""Contracts, domain errors, framework-agnostic HTTP routes, redaction and plug-ins of the mic family."""

__all__: list[str] = []
