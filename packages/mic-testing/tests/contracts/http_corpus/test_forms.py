from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from mic.testing import RouteResponse
from mic.testing.contracts.http_corpus import Case, CorpusApp
from mic.testing.contracts.http_corpus._forms import FORMS


@pytest.mark.parametrize(
    ("app", "case"),
    [pytest.param(app, case, id=str(case)) for app in (FORMS,) for case in app.cases],
)
async def test_the_bare_app_answers_as_the_corpus_says(
    app: CorpusApp,
    case: Case,
    bare_answer: Callable[[CorpusApp, Case], Awaitable[RouteResponse]],
) -> None:
    case.verify(await bare_answer(app, case))
