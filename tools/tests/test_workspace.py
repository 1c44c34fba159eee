"""Reading the tree."""

from __future__ import annotations

from typing import Any

import pytest

from tools.checker.installed import owner_of
from tools.workspace import Workspace


def test_a_folder_with_a_manifest_is_a_distribution_and_a_folder_with_code_a_portion(
    tree: Any,
) -> None:
    tree.write("packages/mic-a/pyproject.toml", "[project]\n")
    tree.write("packages/mic-a/src/mic/a/deep/x.py")
    tree.write("packages/mic-a/src/mic/gone/__pycache__/x.pyc")
    tree.write("packages/notes/README.md")
    workspace: Workspace = tree.load()
    assert [each.name for each in workspace.distributions] == ["mic-a"]
    assert workspace.distributions[0].portions == ["mic.a"]
    assert workspace.distributions[0].suffix == "a"
    assert workspace.by_portion()["mic.a"].name == "mic-a"
    with pytest.raises(KeyError, match="mic-b"):
        workspace.find("mic-b")


def test_the_meta_distribution_is_no_member(repository: Workspace) -> None:
    names = {each.name for each in repository.distributions}
    assert names - {each.name for each in repository.members} == {"mic-struct"}


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        ("os.path.join", ""),
        ("__future__.annotations", ""),
        ("pydantic_core.PydanticUndefined", "pydantic-core"),
        ("opentelemetry.trace", "opentelemetry-api"),
        ("no_such_thing.x", None),
    ],
)
def test_an_import_belongs_to_the_distribution_that_holds_it(path: str, owner: str | None) -> None:
    assert owner_of(path) == owner
