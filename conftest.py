"""What every test of the workspace shares."""

from __future__ import annotations

import hypothesis
import pytest

# A contract suite asserts in a module that pytest does not collect; registered before it is
# imported, its plain `assert` explains itself as one in a test file does.
pytest.register_assert_rewrite("mic.testing.contracts")

# A deadline by the clock fails an innocent example on a busy machine; who bounds a time says so.
hypothesis.settings.register_profile("mic", deadline=None)
hypothesis.settings.load_profile("mic")
