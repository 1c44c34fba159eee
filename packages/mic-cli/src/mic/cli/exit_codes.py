"""What a process says when it ends."""

from enum import IntEnum


class ExitCode(IntEnum):
    """The exit codes of every command; stable, and part of the API.

    64 to 78 are those of `sysexits.h`; 130 and 143 are 128 and the signal's number, as shells have
    it.
    """

    OK = 0
    FAILED = 1
    """The command could not do what was asked, or found something wrong."""
    USAGE = 2
    """The command line is wrong."""
    SOFTWARE = 70
    """A defect: of the command, of a plug-in, of the installation."""
    TEMPFAIL = 75
    """Something is unavailable at the moment; the same command may succeed later."""
    NOPERM = 77
    """The caller is not known, or may not do this."""
    CONFIG = 78
    """Something is set up wrongly."""
    INTERRUPTED = 130
    """SIGINT."""
    TERMINATED = 143
    """SIGTERM."""
