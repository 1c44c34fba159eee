"""Runs mic HTTP routes on Litestar."""

__all__: list[str] = []
