"""Path templates: parsing, the kinds of parameters, and writing a path back (pure)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote

ParameterKind = Literal["int", "float", "uuid", "str", "path"]

# in the order of precedence at one segment; "path" swallows the rest and comes last
KINDS: tuple[ParameterKind, ...] = ("int", "float", "uuid", "str", "path")
PATTERNS: dict[ParameterKind, re.Pattern[str]] = {
    "int": re.compile(r"[0-9]+"),
    "float": re.compile(r"[0-9]+(\.[0-9]+)?"),
    "uuid": re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
    "str": re.compile(r".+", re.DOTALL),
    "path": re.compile(r"[^/].*", re.DOTALL),
}
_PARAMETER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)(?::([a-z]+))?\}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment of a template: static text, or a parameter of a kind."""

    text: str
    kind: ParameterKind | None = None


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed template.

    Attributes:
        text: As declared.
        segments: What stands between the slashes.
        names: The parameters' names in order.
        shape: The template with parameters reduced to their kinds: two routes of one shape collide.
    """

    text: str
    segments: tuple[Segment, ...]
    names: tuple[str, ...]
    shape: str

    def fill(self, values: dict[str, Any]) -> str:
        """Write a path with these values, percent-encoded.

        Raises:
            ValueError: A parameter is missing, unknown, or does not fit its kind.
        """
        unknown = sorted(set(values) - set(self.names))
        missing = [name for name in self.names if name not in values]
        if unknown or missing:
            msg = f"{self.text}: missing parameters {missing}, unknown parameters {unknown}"
            raise ValueError(msg)
        return "/" + "/".join(self._filled(segment, values) for segment in self.segments)

    def _filled(self, segment: Segment, values: dict[str, Any]) -> str:
        if segment.kind is None:
            return quote(segment.text, safe="")
        text = str(values[segment.text])
        if PATTERNS[segment.kind].fullmatch(text) is None:
            wanted = f"{{{segment.text}:{segment.kind}}}"
            msg = f"{self.text}: the value of {segment.text!r} does not fit {wanted}"
            raise ValueError(msg)
        return quote(text, safe="/" if segment.kind == "path" else "")


def parse_template(path: str) -> Template:
    """Parse a path template.

    Raises:
        ValueError: No leading slash, control characters, a parameter that does not fill its
            segment, an unknown kind, `path` not last, or a name given twice.
    """
    if not path.startswith("/"):
        msg = "the path must begin with '/'"
        raise ValueError(msg)
    if _CONTROL.search(path) is not None:
        msg = "the path holds control characters"
        raise ValueError(msg)
    parts = path[1:].split("/")
    segments = tuple(
        _parse_segment(part, last=index == len(parts) - 1) for index, part in enumerate(parts)
    )
    names = tuple(segment.text for segment in segments if segment.kind is not None)
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        msg = f"path parameters given twice: {', '.join(repeated)}"
        raise ValueError(msg)
    shape = "/".join(
        f"{{{segment.kind}}}" if segment.kind else segment.text for segment in segments
    )
    return Template(path, segments, names, shape)


def _parse_segment(part: str, *, last: bool) -> Segment:
    if "{" not in part and "}" not in part:
        return Segment(part)
    match = _PARAMETER.fullmatch(part)
    if match is None:
        msg = f"{part!r}: a parameter is {{name}} or {{name:kind}} and fills its whole segment"
        raise ValueError(msg)
    kind = match[2] or "str"
    if kind not in PATTERNS:
        msg = f"{part!r}: the kind must be one of {', '.join(KINDS)}"
        raise ValueError(msg)
    if kind == "path" and not last:
        msg = f"{part!r}: a path parameter of kind 'path' must come last"
        raise ValueError(msg)
    return Segment(match[1], kind)
