"""Which redactor a name has."""

from collections.abc import Iterable, Mapping

from mic.redaction._strategies import FieldRedactor, redact_drop

SECRET_NAMES: frozenset[str] = frozenset(
    {
        "accesstoken",
        "apikey",
        "authorization",
        "clientsecret",
        "connectionstring",
        "cookie",
        "csrftoken",
        "dsn",
        "idtoken",
        "passwd",
        "password",
        "privatekey",
        "proxyauthorization",
        "pwd",
        "refreshtoken",
        "secret",
        "sessionid",
        "setcookie",
        "token",
        "xserviceauth",
    }
)
"""Names whose values are dropped unless a policy says otherwise, as they are compared."""

# OpenTelemetry has renamed attributes; a rule for the old name must not lose its effect.
_SUCCESSORS: Mapping[str, tuple[str, ...]] = {
    "db.statement": ("db.query.text",),
    "http.url": ("url.full",),
    "http.target": ("url.path", "url.query"),
    "http.useragent": ("useragent.original",),
    "net.peer.ip": ("client.address", "network.peer.address"),
    "enduser.id": ("user.id",),
}
_IGNORED = str.maketrans("", "", "_- ")


def normalized(name: str) -> str:
    """Give the form in which names are compared: lower case, without `_`, `-` and spaces."""
    return name.lower().translate(_IGNORED)


class RuleSet:
    """Rules of one rank, compiled: by whole name, by path suffix, and by glob.

    Of several that match, a path of more segments goes before one of fewer, and a whole name before
    a glob.
    """

    __slots__ = ("_globs", "_names", "_paths", "has_paths")

    def __init__(self, rules: Mapping[str, FieldRedactor]) -> None:
        self._names: dict[str, FieldRedactor] = {}
        self._paths: dict[str, FieldRedactor] = {}
        self._globs: list[tuple[tuple[str, ...], bool, FieldRedactor]] = []
        for name, redactor in _with_successors(rules).items():
            if "*" in name:
                self._globs.append((tuple(name.split("*")), "." in name, redactor))
            elif "." in name:
                self._paths[name] = redactor
            else:
                self._names[name] = redactor
        self.has_paths = bool(self._paths) or any(dotted for _, dotted, _ in self._globs)

    def find(self, name: str, path: str) -> FieldRedactor | None:
        """Give the redactor of a normalized name, whose path from the root ends in that name."""
        suffix = path if self._paths else ""
        while "." in suffix:
            if suffix in self._paths:
                return self._paths[suffix]
            suffix = suffix.partition(".")[2]
        last = name.rpartition(".")[2]
        for candidate in (name, last):
            if candidate in self._names:
                return self._names[candidate]
        for parts, dotted, redactor in self._globs:
            # A glob with dots may begin at any segment of the path.
            texts = (f".{path}",) if dotted else (name, last)
            if any(_matches(parts, text, anywhere=dotted) for text in texts):
                return redactor
        return None


def drop_rules(names: Iterable[str]) -> dict[str, FieldRedactor]:
    """Give the rules that drop what has one of the names.

    Raises:
        TypeError: `names` is a single string, or holds something that is none.
    """
    if isinstance(names, str):
        raise TypeError("names must be a collection of strings, not one string")
    return checked_rules(dict.fromkeys(names, redact_drop))


def checked_rules(rules: Mapping[str, FieldRedactor]) -> dict[str, FieldRedactor]:
    """Give a copy of the rules.

    Raises:
        TypeError: A key is not a string, or a value not callable.
        ValueError: A name is empty when compared.
    """
    for name, redactor in rules.items():
        if not isinstance(name, str):
            raise TypeError("the name of a redaction rule must be a string")
        if not callable(redactor):
            raise TypeError(f"the redactor of {name!r} must be callable")
        if not normalized(name):
            raise ValueError("the name of a redaction rule must not be empty")
    return dict(rules)


def _with_successors(rules: Mapping[str, FieldRedactor]) -> dict[str, FieldRedactor]:
    compiled = {normalized(name): redactor for name, redactor in rules.items()}
    for old, successors in _SUCCESSORS.items():
        if old in compiled:
            for new in successors:
                compiled.setdefault(new, compiled[old])
    return compiled


def _matches(parts: tuple[str, ...], text: str, *, anywhere: bool) -> bool:
    """Whether a glob, split at its stars, matches the whole text; `anywhere`: from any segment.

    Leftmost search decides a glob without backtracking, so the time is linear.
    """
    first, *middle, last = parts
    if anywhere:
        middle = [f".{first}", *middle]
        first = ""
    if not text.startswith(first):
        return False
    position = len(first)
    for part in middle:
        position = text.find(part, position)
        if position < 0:
            return False
        position += len(part)
    return len(text) - position >= len(last) and text.endswith(last)
