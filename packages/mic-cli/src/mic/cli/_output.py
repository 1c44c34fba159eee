"""The two streams of a process: results on standard output, everything else on standard error."""

from __future__ import annotations

import os
import re
import sys

from mic.cli._light import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType
    from typing import TextIO

# ECMA-48, section 5.4 (control sequences); then any other control character but tab and newline.
_CONTROLS = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_LONGEST_LINE = 2000
_UNWRITABLE = "standard output cannot be written"


def one_line(text: str) -> str:
    """The text on one line, bounded, without control sequences."""
    line = " ".join(_CONTROLS.sub(" ", text).split())
    return line if len(line) <= _LONGEST_LINE else line[: _LONGEST_LINE - 3] + "..."


def write_result(text: str) -> None:
    """Write to standard output and flush.

    Control sequences pass to a terminal only, and only where `NO_COLOR` is not set.

    Raises:
        BrokenPipeError: Whoever read it has gone.
        CliError: `cli.output_failed`: it cannot be written, as on a full disk.
    """
    stream = sys.stdout
    if not text.endswith("\n"):
        text += "\n"
    if os.environ.get("NO_COLOR") or not stream.isatty():
        text = _CONTROLS.sub("", text)
    try:
        stream.write(_encodable(text, stream))
        stream.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        from mic.cli._failures import CliError

        discard_results()
        raise CliError("cli.output_failed", f"{_UNWRITABLE}: {error_name(error)}") from error


def error_name(error: OSError) -> str:
    """The system's words for an error, without the file that it may name."""
    return os.strerror(error.errno) if error.errno else type(error).__name__


def write_note(text: str) -> None:
    """Write to standard error; nothing is done about one that is closed."""
    try:
        sys.stderr.write(_encodable(text if text.endswith("\n") else f"{text}\n", sys.stderr))
        sys.stderr.flush()
    except (OSError, ValueError):
        return


def discard_results() -> None:
    """Point standard output at the null device, so that nothing more fails at the exit."""
    null = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, sys.stdout.fileno())
    except (OSError, ValueError):
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - to the end
    finally:
        os.close(null)


def results_are_unread() -> bool:
    """Whether the reader of standard output has gone, and not that of some other pipe."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        return True
    except (OSError, ValueError):
        return False
    try:
        import select

        poll = select.poll()
        poll.register(sys.stdout.fileno(), 0)
        return any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0))
    except (ImportError, AttributeError, OSError, ValueError):
        return False


class ResultsGuard:
    """Around everything that prints results: a reader that has gone is no error, a full disk is."""

    def __init__(self) -> None:
        self._code: int | None = None

    def ended(self, code: int) -> int:
        """The exit code, when the command itself says `code`."""
        return code if self._code is None else self._code

    def __enter__(self) -> ResultsGuard:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> bool:
        if kind is None or issubclass(kind, SystemExit):
            self._flush()
            if self._code and kind is not None:
                raise SystemExit(self._code) from error
            return False
        if issubclass(kind, BrokenPipeError) and results_are_unread():
            self._give_up(0)
            return True
        return False

    def _flush(self) -> None:
        """What `argparse` and commands print themselves fails here at the latest."""
        try:
            sys.stdout.flush()
        except BrokenPipeError:
            self._give_up(0)
        except OSError as error:
            self._give_up(1)
            write_note(f"error: {_UNWRITABLE}: {error_name(error)} [cli.output_failed]")

    def _give_up(self, code: int) -> None:
        self._code = code
        discard_results()


def _encodable(text: str, stream: TextIO) -> str:
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)
