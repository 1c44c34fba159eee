import pytest
from pydantic import ValidationError

from {{ cookiecutter.__package_name }}.items.contracts import CreateItemPayload


def test_names_are_trimmed() -> None:
    assert CreateItemPayload(name=" nail ").name == "nail"


def test_an_empty_name_is_refused() -> None:
    with pytest.raises(ValidationError, match="at least 1 character"):
        CreateItemPayload(name=" ")
