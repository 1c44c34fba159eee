"""The corpus on all three hosts: one request, three equal answers, and the one that is right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mic.fastapi import build_fastapi_app
from mic.http import build_asgi_app
from mic.litestar import build_litestar_app
from mic.testing import AsyncRouteClient
from mic.testing.contracts.http_corpus import APPS, Case, CorpusApp, comparable

BUILDERS: dict[str, Callable[..., Any]] = {
    "asgi": build_asgi_app,
    "fastapi": build_fastapi_app,
    "litestar": build_litestar_app,
}
CORPUS = [pytest.param(app, case, id=f"{app.name}: {case}") for app in APPS for case in app.cases]


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Every application of the corpus on every host."""
    made: dict[str, dict[str, Any]] = {}
    for app in APPS:
        routes = app.routes(tmp_path_factory.mktemp(app.name))
        made[app.name] = {
            name: build(routes=routes, options=app.options, stack=app.stack)
            for name, build in BUILDERS.items()
        }
    return made


@pytest.mark.parametrize(("app", "case"), CORPUS)
async def test_three_hosts_give_the_one_right_answer(
    app: CorpusApp, case: Case, hosts: dict[str, dict[str, Any]]
) -> None:
    answers = {}
    for name, asgi in hosts[app.name].items():
        client = AsyncRouteClient.for_app(asgi, settings=case.settings)
        answers[name] = await client.request(case.method, case.path, **case.send)
    case.verify(answers["asgi"])
    assert comparable(answers["fastapi"]) == comparable(answers["asgi"])
    assert comparable(answers["litestar"]) == comparable(answers["asgi"])


def test_the_hosts_are_the_frameworks_own(hosts: dict[str, dict[str, Any]]) -> None:
    from fastapi import FastAPI
    from litestar import Litestar

    assert isinstance(hosts["values"]["fastapi"], FastAPI)
    assert isinstance(hosts["values"]["litestar"], Litestar)


def test_every_kind_of_status_is_asked_for() -> None:
    """An answer that no case expects would be compared with nothing."""
    statuses = {case.status for app in APPS for case in app.cases}
    codes = {case.code for app in APPS for case in app.cases if case.code}
    assert statuses >= {
        *(200, 201, 202, 204, 206, 301, 302, 303, 304, 307, 308),
        *(400, 401, 403, 404, 405, 409, 410, 412, 413, 415, 416, 422, 428, 429, 499, 500, 503, 504),
    }
    assert codes >= {
        "auth.ambiguous_credentials",
        "auth.forbidden",
        "auth.insufficient_scope",
        "auth.missing_credentials",
        "http.file_not_found",
        "http.malformed_form",
        "http.malformed_json",
        "http.malformed_request",
        "http.method_not_allowed",
        "http.not_found",
        "http.payload_too_large",
        "http.range_not_satisfiable",
        "http.too_many_parameters",
        "http.unsupported_media_type",
        "http.validation_error",
        "internal_error",
        "transient.deadline_exceeded",
    }
