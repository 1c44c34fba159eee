"""Checks the answers before anything is written, and quotes free text for its target file."""

import json
import keyword
import re
import sys
from typing import Any

from jinja2 import Environment
from jinja2.ext import Extension

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LONGEST_NAME = 50
_LONGEST_DESCRIPTION = 500
_FRAMEWORKS = ("fastapi", "litestar")
_DATABASES = ("sqlite", "postgres")
_PYTHONS = ("3.11", "3.12", "3.13", "3.14")
# packages that the generated service imports, or that its own folders are called
_TAKEN = frozenset(
    {
        "alembic",
        "fastapi",
        "httpx",
        "litestar",
        "mic",
        "migrations",
        "pydantic",
        "pydantic_settings",
        "pytest",
        "sqlalchemy",
        "sqlmodel",
        "src",
        "starlette",
        "tests",
        "uvicorn",
    }
)


def problem_with(answers: dict[str, Any]) -> str | None:
    """What is wrong with the answers, in one line; `None` if nothing is."""
    name = str(answers["service_name"])
    description = str(answers["service_description"])
    if _NAME.fullmatch(name) is None or len(name) > _LONGEST_NAME:
        return (
            f"service_name must be lower-case words joined by '-', at most {_LONGEST_NAME}"
            " characters, such as 'order-service'"
        )
    package = name.replace("-", "_")
    if keyword.iskeyword(package) or package in sys.stdlib_module_names or package in _TAKEN:
        return f"service_name {name!r} would hide the Python package {package!r}: choose another"
    if not description.strip() or len(description) > _LONGEST_DESCRIPTION:
        return f"service_description must have 1 to {_LONGEST_DESCRIPTION} characters"
    for key, allowed in (
        ("http_framework", _FRAMEWORKS),
        ("__database", _DATABASES),
        ("__python_version", _PYTHONS),
    ):
        if answers[key] not in allowed:
            return f"{key.strip('_')} must be one of: {', '.join(allowed)}"
    return None


def checked_answers(answers: dict[str, Any]) -> str:
    """End the program with one clear line when an answer is bad; nothing is written by then."""
    problem = problem_with(answers)
    if problem is not None:
        raise SystemExit(f"error: {problem}")
    return "yes"


def one_line(text: str) -> str:
    """The text on one line, without control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())


def quoted(text: str) -> str:
    """A string literal that TOML, JSON, YAML and Python all read as this one line of text."""
    return json.dumps(one_line(text), ensure_ascii=False)


def markdown(text: str) -> str:
    """The text with everything escaped that Markdown or HTML would read as markup."""
    return re.sub(r"([\\`*_{}\[\]()#+\-.!|<>~&])", r"\\\1", one_line(text))


def docstring(text: str) -> str:
    """The text fit for the inside of a triple-quoted string, ending in a full stop."""
    line = one_line(text).replace("\\", "\\\\").replace('"', '\\"')
    return line if line.endswith((".", "!", "?")) else line + "."


class AnswersExtension(Extension):
    """Gives the filters to the template."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        for function in (checked_answers, quoted, markdown, docstring):
            environment.filters[function.__name__] = function
