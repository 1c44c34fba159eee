"""The asynchronous forms; people edit these, the synchronous twins are generated."""

__all__: list[str] = []
