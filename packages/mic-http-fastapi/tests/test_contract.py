from collections.abc import Callable

import pytest
from fastapi import FastAPI

from mic.fastapi import build_fastapi_app
from mic.testing.contracts.http import HttpAdapterContract


class TestFastApi(HttpAdapterContract):
    @pytest.fixture
    def build_app(self) -> Callable[..., FastAPI]:
        return build_fastapi_app
