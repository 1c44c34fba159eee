"""What stands in front of a router's paths: the prefixes of the routers around it (pure)."""

from __future__ import annotations

from typing import Any

from starlette.routing import compile_path

_REST = "mic_rest"
_NOTHING: dict[str, Any] = {}


class Prefix:
    """A prefix, static or with parameters of its own (`/{tenant}`).

    Attributes:
        text: The prefix as declared; empty for none.
    """

    __slots__ = ("_pattern", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._pattern = (
            compile_path(text + "{" + _REST + ":path}")[0] if "{" in text or "}" in text else None
        )

    def split(self, path: str) -> tuple[str, dict[str, str]] | None:
        """Take the prefix off a path.

        Returns:
            The rest, and the values of the prefix's own parameters; `None` where the path does not
            begin with it.
        """
        if self._pattern is None:
            if path.startswith(self.text):
                return path[len(self.text) :], _NOTHING
            return None
        found = self._pattern.match(path)
        if found is None:
            return None
        values = found.groupdict()
        return values.pop(_REST), values
