# Generated from _async/__init__.py by "make unasync"; edit that file.
"""The synchronous forms; people edit these, the synchronous twins are generated."""

__all__: list[str] = []
