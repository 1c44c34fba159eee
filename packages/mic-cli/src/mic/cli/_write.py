"""Writing a file whole or not at all."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from mic.cli._failures import CliError
from mic.cli._output import error_name


def write_whole(path: str, content: bytes) -> None:
    """Write a file through a temporary one beside it; a link is followed, the mode is kept.

    Raises:
        CliError: `cli.output_failed`: it cannot be written; what was there is unchanged.
    """
    try:
        target = Path(path).resolve()
        mode = _mode_of(target)
        temporary = target.with_name(f"{target.name}.{secrets.token_hex(8)}.tmp")
        try:
            with temporary.open("xb") as file:
                file.write(content)
                file.flush()
                if mode is not None:
                    temporary.chmod(mode)
                os.fsync(file.fileno())
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
    except (OSError, ValueError) as error:
        reason = error_name(error) if isinstance(error, OSError) else "no file can be called so"
        raise CliError("cli.output_failed", f"{path} cannot be written: {reason}") from error


def _mode_of(target: Path) -> int | None:
    try:
        found = target.stat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(found.st_mode):
        raise CliError("cli.output_failed", f"{target} is something else than a file")
    return stat.S_IMODE(found.st_mode)
