"""What every test of the workspace shares."""

from __future__ import annotations

import signal

import hypothesis
import pytest

# A contract suite asserts in a module that pytest does not collect; registered before it is
# imported, its plain `assert` explains itself as one in a test file does.
pytest.register_assert_rewrite("mic.testing.contracts")

# A deadline by the clock fails an innocent example on a busy machine; who bounds a time says so.
hypothesis.settings.register_profile("mic", deadline=None)
hypothesis.settings.load_profile("mic")

# A shell has what runs in its background ignore Ctrl-C, and what that starts inherits it: tests
# that send the signal to programs of their own would wait for ever.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
