import pytest

from mic.http._types import EMPTY, empty_mapping


def test_the_empty_mapping_is_one_and_read_only() -> None:
    assert empty_mapping() is EMPTY
    with pytest.raises(TypeError, match="does not support item assignment"):
        EMPTY["a"] = 1  # type: ignore[index]
