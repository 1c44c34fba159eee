"""Storage lifecycle, unit of work and repositories of the mic family."""

__all__: list[str] = []
