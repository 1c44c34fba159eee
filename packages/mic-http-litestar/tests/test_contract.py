from typing import Any

import pytest

from mic.litestar import build_litestar_app
from mic.testing.contracts.http import HttpAdapterContract


class TestLitestarAdapter(HttpAdapterContract):
    @pytest.fixture
    def build_app(self) -> Any:
        return build_litestar_app
