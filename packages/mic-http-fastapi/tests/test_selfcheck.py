from typing import Any

import pytest
from fastapi import APIRouter, FastAPI

from mic.fastapi import build_fastapi_router
from mic.fastapi._selfcheck import TESTED_VERSIONS, reads_dependencies, require
from mic.model import ConfigurationError


class CopyingFastAPI(FastAPI):
    """A FastAPI that copies routes when they are included, as it did before 0.137."""

    def include_router(self, router: APIRouter, **options: Any) -> None:
        self.router.routes.extend(router.routes)


class ForgetfulFastAPI(FastAPI):
    """A FastAPI whose includes say nothing of dependencies."""

    def include_router(self, router: APIRouter, **options: Any) -> None:
        options.pop("dependencies", None)
        super().include_router(router, **options)


def test_this_fastapi_can_be_read() -> None:
    assert reads_dependencies()
    assert build_fastapi_router(routes=[]).routes == []


@pytest.mark.parametrize("app_class", [CopyingFastAPI, ForgetfulFastAPI])
def test_one_that_cannot_be_read_is_noticed(app_class: type[FastAPI]) -> None:
    assert not reads_dependencies(app_class)


def test_the_error_names_the_tested_versions() -> None:
    with pytest.raises(ConfigurationError, match=TESTED_VERSIONS) as caught:
        require(False)
    assert caught.value.code == "config.unsupported_fastapi"
    require(True)
