"""SQL storage of the mic family on SQLModel and SQLAlchemy."""

__all__: list[str] = []
