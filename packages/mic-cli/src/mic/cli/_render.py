"""Results as text: one JSON document, a table, or lines."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from mic.cli._failures import CliError
from mic.cli._output import one_line
from mic.cli.exit_codes import ExitCode
from mic.cli.spec import CommandResult


def json_text(data: Any, name: str) -> str:
    """One JSON document, in ASCII, so that any terminal and pipe can carry it.

    Raises:
        CliError: JSON cannot hold the data of the command `name`.
    """
    try:
        return json.dumps(data, indent=2, allow_nan=False) + "\n"
    except (TypeError, ValueError, RecursionError) as error:
        raise CliError(
            "cli.not_json",
            f"the result of the command {name} is not JSON-serialisable",
            ExitCode.SOFTWARE,
        ) from error


def text_of(result: CommandResult) -> str:
    """The text of a result, made from its data when it brings none; `""`: nothing to print."""
    if result.text is not None:
        return result.text
    data = result.data
    if data is None:
        return ""
    if isinstance(data, Mapping):
        return "\n".join(f"{one_line(str(key))}: {_cell(value)}" for key, value in data.items())
    if isinstance(data, list | tuple):
        if data and all(isinstance(row, Mapping) for row in data):
            return table(data)
        return "\n".join(_cell(item) for item in data)
    return _cell(data)


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows as columns under their names, in the order in which the names first come."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    cells = [[one_line(str(name)).upper() for name in names]]
    cells += [[_cell(row.get(name)) for name in names] for row in rows]
    widths = [max(len(line[column]) for line in cells) for column in range(len(names))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    )


def _cell(value: Any) -> str:
    if value is None or value in ("", [], ()):
        return "-"
    if isinstance(value, list | tuple):
        return ", ".join(_cell(item) for item in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{one_line(str(key))}={_cell(item)}" for key, item in value.items())
    return one_line(str(value))
