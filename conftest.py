"""What every test of the workspace shares."""

from __future__ import annotations

import pytest

# A contract suite asserts in a module that pytest does not collect; registered before it is
# imported, its plain `assert` explains itself as one in a test file does.
pytest.register_assert_rewrite("mic.testing.contracts")
