"""`python -m tools.new mic-foo-bar [--capability foo]`: a distribution that passes the checker.

It makes the folder with its manifest, README, licence, portion and first test; a capability gets
its page in `docs/capabilities/`, a backend its line on its capability's page; then everything that
is generated from the tree is written anew. `make lock` and `make bootstrap` make it installable.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.generate.meta import shared_metadata, toml_value
from tools.generate.parts import write_stale
from tools.workspace import CORE, NAMESPACE, ROOT, Workspace, load_workspace

_NAME = re.compile(rf"{NAMESPACE}(-[a-z][a-z0-9]*)+")

_MANIFEST = """\
[build-system]
requires = ["uv_build>=0.9,<0.14"]
build-backend = "uv_build"

[project]
name = "{name}"
description = "{description}"
readme = "README.md"
keywords = ["mic", "microservices"]
{shared}
dependencies = {dependencies}

[tool.uv.build-backend]
module-name = "{portion}"

[tool.mic.unimported] # goes when the first module imports it
{unimported}
"""
_README = """\
# {name}

{description}.

```bash
pip install "{name}"
```

```python
import {portion}

assert {portion}.__all__ == sorted({portion}.__all__)
```
"""
_TEST = '''\
"""What the portion makes public."""

from __future__ import annotations

import {portion}


def test_all_is_sorted_and_bound() -> None:
    names = {portion}.__all__
    assert names == sorted(names)
    assert set(names) <= set(dir({portion}))
'''
_PAGE = """\
# {portion}

{description}.

## Guarantees

Yet to be written: delivery, ordering, atomicity, which clock, what is lost when.

## Backends

The embedded default of `{name}` needs no server.
"""


def create(workspace: Workspace, name: str, capability: str = "") -> Path:
    """Makes the distribution; returns its folder.

    Raises:
        ValueError: the name is not `mic-word-word`, is taken, or the capability does not exist.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not a name such as mic-cache-redis; say make new D=...")
    folder = workspace.root / "packages" / name
    if folder.exists():
        raise ValueError(f"{name} exists already")
    requires = [CORE]
    page = f"{name.removeprefix(f'{NAMESPACE}-').replace('-', '_')}.md"
    if capability:
        owner = f"{NAMESPACE}-{capability.removeprefix(f'{NAMESPACE}-')}"
        if owner not in {each.name for each in workspace.members}:
            raise ValueError(f"the capability {owner} does not exist; make it first")
        if not name.startswith(f"{owner}-"):
            raise ValueError(f"a backend of {owner} is called {owner}-something")
        requires.append(owner)
        page = f"{owner.removeprefix(f'{NAMESPACE}-').replace('-', '_')}.md"
    words = _words(workspace, name, requires)
    portion = folder / "src" / NAMESPACE / words["portion"].removeprefix(f"{NAMESPACE}.")
    for path, text in {
        folder / "pyproject.toml": _MANIFEST.format(**words),
        folder / "README.md": _README.format(**words),
        folder / "tests" / "test_public.py": _TEST.format(**words),
        portion / "__init__.py": f'"""{words["description"]}."""\n\n__all__: list[str] = []\n',
        portion / "py.typed": "",
    }.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    shutil.copy(workspace.root / "LICENSE", folder / "LICENSE")
    _write_page(workspace.root / "docs" / "capabilities" / page, words, backend=bool(capability))
    write_stale(load_workspace(workspace.root))
    return folder


def _words(workspace: Workspace, name: str, requires: Sequence[str]) -> dict[str, str]:
    suffix = name.removeprefix(f"{NAMESPACE}-")
    pins = [f"{each}=={workspace.version}" for each in requires]
    shared = shared_metadata(workspace)
    return {
        "name": name,
        "portion": f"{NAMESPACE}.{suffix.replace('-', '_')}",
        "description": f"{suffix.replace('-', ' ').capitalize()} of the mic family",
        "shared": "\n".join(f"{key} = {toml_value(value)}" for key, value in shared.items()),
        "dependencies": toml_value(pins),
        "unimported": "\n".join(f'{each} = "the first module imports it"' for each in requires),
    }


def _write_page(path: Path, words: dict[str, str], *, backend: bool) -> None:
    if not backend:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_PAGE.format(**words), encoding="utf-8")
        return
    line = f"- `{words['name']}` (`{words['portion']}`): guarantees yet to be written.\n"
    path.write_text(path.read_text(encoding="utf-8").rstrip("\n") + f"\n\n{line}", encoding="utf-8")


def main(arguments: Sequence[str] | None = None, *, root: Path = ROOT) -> int:
    """Makes one distribution; returns 2 when it cannot be made."""
    parser = argparse.ArgumentParser(prog="python -m tools.new", description=__doc__)
    parser.add_argument("name", help="mic-foo, or mic-foo-bar for a backend")
    parser.add_argument("--capability", default="", help="what a backend backs")
    options = parser.parse_args(arguments)
    try:
        folder = create(load_workspace(root), options.name, options.capability)
    except ValueError as error:
        print(f"new: {error}", file=sys.stderr)
        return 2
    print(f"made {folder.relative_to(root)}; next: make lock bootstrap")
    return 0


if __name__ == "__main__":
    sys.exit(main())
