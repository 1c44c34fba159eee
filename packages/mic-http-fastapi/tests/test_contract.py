import pytest

from mic.fastapi import build_fastapi_app
from mic.testing.contracts.http import AppBuilder, HttpAdapterContract


class TestFastApi(HttpAdapterContract):
    @pytest.fixture
    def build_app(self) -> AppBuilder:
        return build_fastapi_app
