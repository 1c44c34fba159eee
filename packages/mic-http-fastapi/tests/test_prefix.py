import pytest

from mic.fastapi._prefix import Prefix


@pytest.mark.parametrize(
    ("prefix", "path", "expected"),
    [
        ("", "/items", ("/items", {})),
        ("/api", "/api/items", ("/items", {})),
        ("/api", "/other/items", None),
        ("/api", "/apis/items", ("s/items", {})),
        ("/t/{tenant}", "/t/acme/items", ("/items", {"tenant": "acme"})),
        ("/t/{tenant}", "/t/acme", ("", {"tenant": "acme"})),
        ("/t/{tenant}", "/t//items", None),
        ("/t/{tenant:int}/x", "/t/7/x/items", ("/items", {"tenant": "7"})),
        ("/t/{tenant:int}/x", "/t/a/x/items", None),
    ],
)
def test_a_prefix_is_taken_off_whole(
    prefix: str, path: str, expected: tuple[str, dict[str, str]] | None
) -> None:
    assert Prefix(prefix).split(path) == expected
