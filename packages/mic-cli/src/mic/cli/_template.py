"""The service template as it is shipped: one archive, unpacked for each use."""

from __future__ import annotations

import json
import os
import zipfile
import zlib
from pathlib import Path
from typing import Any

from mic.cli._failures import CliError
from mic.cli._light import DISTRIBUTION
from mic.cli.exit_codes import ExitCode

ARCHIVE = Path(__file__).with_name("template.zip")
_CONTEXT = "cookiecutter.json"
_HIDDEN = "__"
_FIXED = frozenset({"mic_version"})
"""Hidden answers that belong to the template, not to whoever uses it."""


def unpack(into: Path, archive: Path = ARCHIVE) -> Path:
    """Unpack the template below a folder of the caller's own; files get their modes.

    Raises:
        CliError: `cli.template_damaged`: the archive is missing or is not what was shipped.
    """
    folder = into / "template"
    try:
        with zipfile.ZipFile(archive) as packed:
            for member in packed.infolist():
                target = folder / member.filename
                if not target.resolve().is_relative_to(folder.resolve()):
                    raise zipfile.BadZipFile(member.filename)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(packed.read(member))
                target.chmod(member.external_attr >> 16 & 0o777 or 0o644)
        if not (folder / _CONTEXT).is_file():
            raise zipfile.BadZipFile(_CONTEXT)
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError, ValueError) as error:
        raise CliError(
            "cli.template_damaged",
            f"the template of {DISTRIBUTION} is missing or damaged; install {DISTRIBUTION} again",
            ExitCode.SOFTWARE,
        ) from error
    return folder


def settable(template: Path) -> dict[str, str]:
    """The answers that are never asked and may be given, with their defaults.

    Names come without the underscores that hide them. What the template derives from other answers
    is not among them.
    """
    context: dict[str, Any] = json.loads((template / _CONTEXT).read_text(encoding="utf-8"))
    return {
        name.removeprefix(_HIDDEN): default
        for name, default in context.items()
        if name.startswith(_HIDDEN) and not name.endswith(_HIDDEN)
        if isinstance(default, str) and "{{" not in default
        if name.removeprefix(_HIDDEN) not in _FIXED
    }


def hidden(name: str) -> str:
    """The name under which the template knows such an answer."""
    return f"{_HIDDEN}{name}"


def verbatim(answer: str) -> str:
    """An answer to the letter: cookiecutter would render `{{ ... }}` in it."""
    return "{{ " + repr(answer) + " }}" if "{" in answer else answer


def private_settings(folder: Path) -> Path:
    """Settings that keep cookiecutter out of the user's home; returns their file."""
    settings = folder / "settings.yaml"
    places = {name: os.fspath(folder / name) for name in ("cookiecutters_dir", "replay_dir")}
    # JSON is YAML, and needs no library.
    settings.write_text(json.dumps(places), encoding="utf-8")
    return settings
