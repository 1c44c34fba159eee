from __future__ import annotations

import pytest

from mic.testing import _server_fixtures
from mic.testing.servers._catalogue import names, recipe_of


def test_the_option_knows_every_server() -> None:
    assert names() == _server_fixtures.NAMES


@pytest.mark.parametrize("name", names())
def test_every_recipe_is_there_and_has_a_fixture(name: str) -> None:
    recipe = recipe_of(name)
    assert recipe.name == name
    assert recipe.advice
    word = name.replace("-", "_")
    fixtures = {word, f"{word}_server", f"{word}_collector"} & set(vars(_server_fixtures))
    assert len(fixtures) == 1


def test_a_recipe_is_new_every_time() -> None:
    assert recipe_of("redis") is not recipe_of("redis")
