"""Runs mic HTTP routes on FastAPI."""

__all__: list[str] = []
