import logging
from dataclasses import dataclass, field
from typing import Any

import pytest
from fastapi import Depends, FastAPI

from mic.fastapi import build_fastapi_router
from mic.fastapi._includes import Inclusions, include_context_of, unknown_fields
from mic.http import HttpRouteSpec


@dataclass
class Include:
    """An include context as some later FastAPI may have it."""

    prefix: str = ""
    dependencies: list[Any] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    max_body_size: int | None = None
    form_limits: dict[str, int] = field(default_factory=dict)
    audience: str | None = None
    quotas: list[int] = field(default_factory=list)


def nothing() -> None:
    """A dependency without effect."""


def test_known_fields_decide() -> None:
    inclusions = Inclusions("/own")
    plain = inclusions.read(Include(prefix="/api", tags=["a"]))
    assert (plain.plain, plain.prefix.text) == (True, "/api/own")
    for bound in (
        Include(dependencies=[Depends(nothing)]),
        Include(max_body_size=0),
        Include(form_limits={"max_files": 1}),
    ):
        assert not inclusions.read(bound).plain


@pytest.mark.parametrize("changed", [Include(audience="x"), Include(quotas=[1])])
def test_an_unknown_field_in_use_is_warned_of_once(
    changed: Include, caplog: pytest.LogCaptureFixture
) -> None:
    inclusions = Inclusions("")
    name = unknown_fields(changed)[0]
    with caplog.at_level(logging.WARNING, logger="mic.http"):
        assert not inclusions.read(changed).plain
        assert not inclusions.read(Include(audience="y")).plain
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert name in caplog.text


def test_what_is_no_dataclass_is_not_guessed_at() -> None:
    class Strange:
        prefix = ""

    assert unknown_fields(Strange()) == ["Strange"]


def test_a_context_is_read_once_and_the_memory_is_bounded() -> None:
    inclusions = Inclusions("")
    first = Include()
    known = inclusions.read(first)
    assert inclusions.read(first) is known
    kept = [Include(prefix=f"/{number}") for number in range(600)]
    assert [inclusions.read(one).prefix.text for one in kept] == [one.prefix for one in kept]
    assert inclusions.read(first) is not known
    assert len(inclusions) <= 256


def test_another_routers_include_is_not_ours() -> None:
    class Included:
        original_router = object()
        include_context = Include()

    router = Included.original_router
    scope = {"fastapi": {"included_router": Included}}
    assert include_context_of(scope, router) is Included.include_context
    assert include_context_of(scope, object()) is None
    assert include_context_of({"fastapi": {"included_router": object()}}, router) is None
    assert include_context_of({}, router) is None


async def test_an_unknown_field_takes_the_dependency_path(
    client_of: Any, dispatches: Any, caplog: pytest.LogCaptureFixture
) -> None:
    app = FastAPI()
    app.include_router(
        build_fastapi_router(routes=[HttpRouteSpec("GET", "/a", "a", "test", lambda: "x")])
    )
    included: Any = app.router.routes[-1]
    known = type(included.include_context)

    @dataclass
    class Newer(known):  # type: ignore[valid-type, misc]  # the class is known at run time only
        audience: str | None = None

    values = dict(vars(included.include_context))
    included.include_context = Newer(**values, audience="partners")
    with caplog.at_level(logging.WARNING, logger="mic.http"):
        client = client_of(app)
        assert (await client.get("/a")).json() == "x"
        assert (await client.get("/a")).json() == "x"
    assert dispatches.kind == "dependencies"
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "audience" in caplog.text
