"""The rewriting of one source text: pure, the same on every Python that runs it."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

NAMES: Mapping[str, str] = {
    "AbstractAsyncContextManager": "AbstractContextManager",
    "StopAsyncIteration": "StopIteration",
    "__aenter__": "__enter__",
    "__aexit__": "__exit__",
    "__aiter__": "__iter__",
    "__anext__": "__next__",
    "_async": "_sync",
    "aclose": "close",
    "aclosing": "closing",
    "aconnect": "connect",
    "afrom_url": "from_url",
    "aiter": "iter",
    "anext": "next",
    "asynccontextmanager": "contextmanager",
    "pytest_asyncio": "pytest",
    "redis.asyncio": "redis",
    "sqlalchemy.ext.asyncio": "sqlalchemy",
    "sqlalchemy.ext.asyncio.session": "sqlalchemy.orm",
    "sqlmodel.ext.asyncio.session": "sqlmodel",
}
"""Names that do not follow the general rule of `plain_name`; a dotted key is a dotted path."""

DROP = "# unasync: drop"
ADD = "# unasync: add "

_WRAPPERS: Mapping[str, int] = {"Awaitable": 0, "Coroutine": 2}
"""Types whose last argument is what the plain form returns, and how many arguments stand before it.
"""

_STRING_STARTS = ("FSTRING_START", "TSTRING_START")
_STRING_ENDS = ("FSTRING_END", "TSTRING_END")
_WORD = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_PROSE: Sequence[tuple[re.Pattern[str], str]] = (
    (re.compile(r"\basync (?=(?:with|for|def)\b)"), ""),
    (re.compile(r"(?<=\{)await "), ""),
    (re.compile(r"\bawait (?=[\w.]+\()"), ""),
    (re.compile(r"\b([Aa])n asynchronous"), r"\1 synchronous"),
    (re.compile(r"\basynchronous"), "synchronous"),
    (re.compile(r"\bAsynchronous"), "Synchronous"),
)


@dataclass(frozen=True, slots=True)
class _Token:
    """A token with its place in the text as offsets."""

    kind: int
    text: str
    start: int
    end: int


def plain_name(name: str, table: Mapping[str, str]) -> str:
    """The plain form of one identifier: from `table`, else by the general rule.

    The rule: `Async` before a capital letter goes, `async_` at the start and `_async_` inside go,
    and `_async` at the end becomes `_sync`.
    """
    if name in table:
        return table[name]
    name = re.sub(r"Async(?=[A-Z])", "", name)
    name = re.sub(r"^(_*)async_", r"\1", name)
    name = name.replace("_async_", "_")
    return re.sub(r"_async$", "_sync", name)


def rewrite(source: str, *, names: Mapping[str, str] | None = None) -> str:
    """The synchronous text for an asynchronous one, not yet formatted.

    Args:
        source: Python source; nothing outside the documented changes is touched.
        names: a project's own rows, which win over `NAMES`.

    Raises:
        SyntaxError: `source` is not Python, or dropping statements left a block empty.
    """
    table = {**NAMES, **(names or {})}
    kept = _with_additions(_without_dropped(source))
    pieces: list[str] = []
    position = 0
    for start, end, text in _changes(list(_tokens(kept)), table):
        pieces += (kept[position:start], text)
        position = end
    plain = "".join(pieces) + kept[position:]
    ast.parse(plain)
    return plain


def _without_dropped(source: str) -> str:
    lines = source.splitlines(keepends=True)
    gone: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.stmt | ast.excepthandler):
            continue
        decorators: list[ast.expr] = getattr(node, "decorator_list", [])
        first = min(each.lineno for each in (node, *decorators))
        if any(lines[at - 1].rstrip().endswith(DROP) for at in {first, node.lineno}):
            gone.update(range(first, (node.end_lineno or first) + 1))
    return "".join(line for number, line in enumerate(lines, 1) if number not in gone)


def _with_additions(source: str) -> str:
    return "".join(
        line.replace(ADD, "", 1) if line.lstrip().startswith(ADD) else line
        for line in source.splitlines(keepends=True)
    )


def _tokens(source: str) -> Iterator[_Token]:
    """Tokens by offset; an f-string is one token, as it was before Python 3.12."""
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    depth = 0
    opened = 0
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        name = tokenize.tok_name[token.type]
        start = starts[token.start[0] - 1] + token.start[1]
        end = starts[min(token.end[0], len(starts)) - 1] + token.end[1]
        if name in _STRING_STARTS:
            opened = opened if depth else start
            depth += 1
        elif name in _STRING_ENDS:
            depth -= 1
            if not depth:
                yield _Token(tokenize.STRING, source[opened:end], opened, end)
        elif not depth:
            yield _Token(token.type, token.string, start, end)


def _changes(tokens: Sequence[_Token], table: Mapping[str, str]) -> Iterator[tuple[int, int, str]]:
    """What to replace, in order: start, end, new text."""
    closing: set[int] = set()
    index = 0
    while index < len(tokens):
        token = tokens[index]
        following = index + 1
        if token.start in closing:
            yield token.start, token.end, ""
        elif token.kind in {tokenize.STRING, tokenize.COMMENT}:
            yield token.start, token.end, _plain_prose(token.text, table)
        elif token.text in {"async", "await"}:
            yield token.start, tokens[following].start, ""
        elif token.text in _WRAPPERS and tokens[following].text == "[":
            opening, close = _wrapped(tokens, following, skip=_WRAPPERS[token.text])
            closing.add(tokens[close].start)
            yield token.start, tokens[opening].end, ""
            following = opening + 1
        elif token.kind == tokenize.NAME:
            last, plain = _plain_path(tokens, index, table)
            following = last + 1
            yield token.start, tokens[last].end, plain
        index = following


def _wrapped(tokens: Sequence[_Token], bracket: int, *, skip: int) -> tuple[int, int]:
    """The token after which the wanted argument begins, and the bracket that ends it."""
    depth = 0
    opening = bracket
    for index in range(bracket, len(tokens)):
        text = tokens[index].text
        if text in {"[", "(", "{"}:
            depth += 1
        elif text in {"]", ")", "}"}:
            depth -= 1
            if not depth:
                return opening, index
        elif text == "," and depth == 1 and skip:
            skip -= 1
            opening = index
    raise SyntaxError("a bracket is never closed")


def _plain_path(tokens: Sequence[_Token], index: int, table: Mapping[str, str]) -> tuple[int, str]:
    """The longest dotted path of the table that begins here, else the one name."""
    last = index
    path = tokens[index].text
    best = (index, plain_name(path, table))
    if index and tokens[index - 1].text == ".":
        return best
    while last + 2 < len(tokens) and tokens[last + 1].text == ".":
        last += 2
        path += f".{tokens[last].text}"
        if path in table:
            best = (last, table[path])
    return best


def _plain_prose(text: str, table: Mapping[str, str]) -> str:
    """The text of a string or comment, with the same names changed."""
    for pattern, replacement in _PROSE:
        text = pattern.sub(replacement, text)
    return _WORD.sub(lambda match: _plain_words(match[0], table), text)


def _plain_words(path: str, table: Mapping[str, str]) -> str:
    words = path.split(".")
    for count in range(len(words), 1, -1):
        head = ".".join(words[:count])
        if head in table:
            return ".".join((table[head], *(plain_name(each, table) for each in words[count:])))
    return ".".join(plain_name(each, table) for each in words)
