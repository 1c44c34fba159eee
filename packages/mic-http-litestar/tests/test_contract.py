import pytest

from mic.litestar import build_litestar_app
from mic.testing.contracts.http import AppBuilder, HttpAdapterContract


class TestLitestarAdapter(HttpAdapterContract):
    @pytest.fixture
    def build_app(self) -> AppBuilder:
        return build_litestar_app
