"""Redacting text: pairs of a name and a value, then patterns, then known values."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mic.redaction._names import normalized
from mic.redaction._patterns import CARD, SECRET_PATTERNS, ValuePattern, may_hold_card
from mic.redaction._strategies import FieldRedactor

MAX_KNOWN = 32
MIN_KNOWN_LENGTH = 6

# Only at the beginning of a name, and without giving anything back: linear in any text.
_NAME = re.compile(
    r"(?<![\w.\-])(?P<name>[\w.\-]++)(?:\\*+[\"'])?+[ \t]{0,8}+[:=]{1,2}+>?+[ \t]{0,8}+"
)
_QUOTED = re.compile(
    r"[bBrRuU]{0,2}+(?:"
    r"(?P<q>[\"'])(?P<value>(?:\\.|(?!(?P=q))[^\\])*+)"
    r"|\\+(?P<eq>[\"'])(?P<escaped>(?:[^\\]++|\\(?!(?P=eq)))*+)"
    r")",
    re.DOTALL,
)
_LONG_WAY = frozenset("=:@")
_BARE = re.compile(r"[^\s,;&]++")
_LINE = re.compile(r"[^\r\n]++")
_BRACKET_OR_QUOTED = re.compile(
    r"(?P<open>[\[({])|(?P<close>[\])}])|(?P<q>[\"'])(?:\\.|(?!(?P=q))[^\\])*+(?P=q)?+",
    re.DOTALL,
)
_OURS = {pattern.regex: pattern.name for pattern in SECRET_PATTERNS}
_WHOLE_LINE = frozenset({"authorization", "cookie", "proxyauthorization", "setcookie"})


class TextRules:
    """What is replaced in text, compiled once."""

    __slots__ = (
        "_find",
        "_hints",
        "_is_joinable",
        "_max_length",
        "_patterns",
        "_searches",
        "_shortest",
    )

    def __init__(
        self,
        find: Callable[[str], FieldRedactor | None] | None,
        patterns: Sequence[ValuePattern],
        *,
        max_length: int,
    ) -> None:
        """Compile the rules.

        Args:
            find: Gives the redactor of a name as it stands in the text; `None`: no name has one.
            patterns: Applied in their order.
            max_length: Longer texts are never called clean.
        """
        self._max_length = max_length
        self._find = find
        self._patterns = [(p, p.hint.lower(), re.compile(p.regex)) for p in patterns]
        # Texts with one of these characters take the long way anyhow (`is_clean`).
        others = [entry for entry in self._patterns if not _LONG_WAY.intersection(entry[1])]
        self._hints = tuple(hint for _, hint, _ in others if hint)
        self._searches = tuple(_search_of(p, compiled) for p, hint, compiled in others if not hint)
        # An expression of the user's may look at the beginning of a text, or at its end.
        self._is_joinable = all(p.regex in _OURS for p, hint, _ in others if not hint)
        self._shortest = min((p.min_length for p, _, _ in others), default=1 << 62)

    def is_clean(self, text: str) -> bool:
        """Whether cheap tests show that nothing would be replaced; false may mean anything."""
        if "=" in text or ":" in text or "@" in text or not text.isascii():
            return False
        if len(text) >= self._shortest:
            # Loops, because `any` with a generator costs as much as all of this.
            lowered = text.lower()
            for hint in self._hints:
                if hint in lowered:
                    return False
            for search in self._searches:
                if search(text):
                    return False
        return len(text) <= self._max_length

    def is_clean_joined(self, lines: str) -> bool:
        """Whether `is_clean` holds for every line of a text; false may mean anything."""
        return self._is_joinable and self.is_clean(lines)

    def apply(self, text: str, known: Mapping[str, str] | None) -> str:
        """Give the text with everything replaced. Lets the errors of redactors pass."""
        if self._find is not None and ("=" in text or ":" in text):
            text = _replace_pairs(text, self._find)
        lowered = text.lower()
        for pattern, hint, compiled in self._patterns:
            # The hints are sought in the text as it came: replacing takes away, and adds no secret.
            if len(text) >= pattern.min_length and hint in lowered:
                text = _replace_pattern(text, pattern, compiled)
        if known:
            text = _replace_known(text, known)
        return text


def _search_of(pattern: ValuePattern, compiled: re.Pattern[str]) -> Callable[[str], Any]:
    """What is true of every ASCII text that holds a match."""
    if _OURS.get(pattern.regex) != CARD:
        return compiled.search
    return lambda text: may_hold_card(text) and compiled.search(text)


def _replace_pairs(text: str, find: Callable[[str], FieldRedactor | None]) -> str:
    pieces: list[str] = []
    done = position = 0
    while (match := _NAME.search(text, position)) is not None:
        position = match.end()
        redactor = find(match["name"])
        if redactor is None:
            continue
        start, end = _value_span(text, position, match["name"])
        if start < end:
            pieces += text[done:start], str(redactor(text[start:end]))
            done = position = end
    return "".join(pieces) + text[done:] if pieces else text


def _value_span(text: str, position: int, name: str) -> tuple[int, int]:
    quoted = _QUOTED.match(text, position)
    if quoted is not None:
        return quoted.span("value" if quoted["q"] else "escaped")
    whole_line = normalized(name).rpartition(".")[2] in _WHOLE_LINE
    if not whole_line and text[position : position + 1] in ("[", "(", "{"):
        return position, _closing_bracket(text, position)
    bare = (_LINE if whole_line else _BARE).match(text, position)
    return bare.span() if bare is not None else (position, position)


def _closing_bracket(text: str, position: int) -> int:
    """The end of a nested value and what sticks to it; when nothing closes it, of the text."""
    depth = 0
    for match in _BRACKET_OR_QUOTED.finditer(text, position):
        depth += (match["open"] is not None) - (match["close"] is not None)
        if depth == 0:
            rest = _BARE.match(text, match.end())
            return rest.end() if rest is not None else match.end()
    return len(text)


def _replace_pattern(text: str, pattern: ValuePattern, compiled: re.Pattern[str]) -> str:
    group: int | str = "secret" if "secret" in compiled.groupindex else 0
    valid, redactor = pattern.valid, pattern.redactor
    pieces: list[str] = []
    done = position = 0
    while (match := compiled.search(text, position)) is not None:
        start, end = match.span(group)
        if start < end and (valid is None or valid(match[group])):
            pieces += text[done:start], str(redactor(match[group]))
            done = position = end
        else:
            # What is refused may still hide a secret that begins inside of it.
            position = match.start() + 1
    return "".join(pieces) + text[done:] if pieces else text


def _replace_known(text: str, known: Mapping[str, str]) -> str:
    usable = [value for value in known if len(value) >= MIN_KNOWN_LENGTH][:MAX_KNOWN]
    # Longest first: a value that contains another one must not survive in part.
    for value in sorted(usable, key=len, reverse=True):
        text = text.replace(value, known[value])
    return text


def plain_string(value: Any) -> str:
    """Give `str(value)`, or `[UNPRINTABLE]` when that raises."""
    try:
        return str(value)
    except Exception:
        return "[UNPRINTABLE]"
