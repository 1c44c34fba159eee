"""A program in a process of its own."""

import pytest

from mic.testing.contracts._second_process import run_program


def test_what_it_printed() -> None:
    program = "import os, sys; print(os.getppid(), *sys.argv[1:])"
    parent, *arguments = run_program(program, "one", "two").split()
    assert int(parent) > 0
    assert arguments == ["one", "two"]


def test_a_failure_shows_why() -> None:
    with pytest.raises(AssertionError, match="LookupError: of the program"):
        run_program("raise LookupError('of the program')")
