"""A small workspace in a temporary folder, for tools to be tried on."""

from __future__ import annotations

import subprocess
import textwrap
from collections.abc import Mapping
from pathlib import Path

import pytest

from tools.checker.__main__ import RULES
from tools.generate.meta import shared_metadata, toml_value
from tools.generate.parts import write_stale
from tools.workspace import ROOT, Workspace, load_workspace

_ROOT_MANIFEST = """
[project]
name = "mic-workspace"
version = "0"
requires-python = ">=3.11"
license = "MIT"
authors = [{ name = "mic-struct contributors" }]

[tool.mic]
version = "1.0.0"

[tool.ruff]
line-length = 100
"""


class Tree:
    """A checkout that a test fills file by file."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write("pyproject.toml", _ROOT_MANIFEST)

    def write(self, path: str, text: str = "") -> Path:
        """Writes one file, dedented; folders come into being."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
        return target

    def write_all(self, files: Mapping[str, str]) -> None:
        """Writes several files."""
        for path, text in files.items():
            self.write(path, text)

    def read(self, path: str) -> str:
        """The text of one file."""
        return (self.root / path).read_text(encoding="utf-8")

    def load(self) -> Workspace:
        """The workspace as the tools see it."""
        return load_workspace(self.root)

    def replace(self, path: str, old: str, new: str) -> None:
        """Replaces text that must be there."""
        text = self.read(path)
        assert old in text
        self.write(path, text.replace(old, new))

    def add(self, name: str, portions: list[str], more: str = "", requires: str = "") -> None:
        """Adds a distribution that keeps every rule of the checker.

        `more` is TOML that its manifest has too, `requires` the items of its dependencies.
        """
        home = f"packages/{name}"
        self.write(f"{home}/pyproject.toml", self._manifest(name, portions, more, requires))
        self.write(f"{home}/LICENSE", "MIT")
        example = f"```python\nimport {portions[0]}\n```\n"
        self.write(f"{home}/README.md", f'pip install "{name}"\n{example}')
        for portion in portions:
            folder = f"{home}/src/{portion.replace('.', '/')}"
            self.write(f"{folder}/__init__.py", '"""It."""\n\n__all__: list[str] = []\n')
            self.write(f"{folder}/py.typed")
            page = f"docs/capabilities/{portion.removeprefix('mic.')}.md"
            self.write(page, "## Guarantees\n- `mic-cache-redis`\n")

    def _manifest(self, name: str, portions: list[str], more: str, requires: str) -> str:
        shared = shared_metadata(self.load())
        module = portions[0] if len(portions) == 1 else portions
        return (
            '[build-system]\nrequires = ["uv_build>=0.9,<0.14"]\nbuild-backend = "uv_build"\n'
            f'[project]\nname = "{name}"\ndescription = "{name}"\n'
            + "".join(f"{key} = {toml_value(value)}\n" for key, value in shared.items())
            + f"dependencies = [{requires}]\n{more}\n"
            f"[tool.uv.build-backend]\nmodule-name = {toml_value(module)}\n"
        )

    def findings(self, code: str) -> list[str]:
        """What one rule of the checker finds, as `path: message`."""
        rule = next(rule for rule in RULES if rule.code == code)
        return [
            f"{each.path.relative_to(self.root)}: {each.message}" for each in rule.run(self.load())
        ]


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


@pytest.fixture(scope="session")
def repository() -> Workspace:
    return load_workspace(ROOT)


@pytest.fixture
def family(tree: Tree) -> Tree:
    """Core, one capability, one backend and the meta-distribution, keeping every rule."""
    core = ["mic.contracts", "mic.http", "mic.model", "mic.plugins", "mic.redaction"]
    marks = "# >>> generated: {}\n# <<< generated\n"
    regions = (
        f"[x]\nmembers = [\n{marks.format('members')}]\n[y]\n{marks.format('sources')}"
        f"[z]\np = [\n{marks.format('mypy-path')}]\n"
        f"[tool.importlinter]\n{marks.format('import-linter')}[tool.ruff]"
    )
    text = tree.read("pyproject.toml").replace("[tool.ruff]", regions)
    tree.write("pyproject.toml", text)
    tree.write("README.md", "<!-- >>> generated: distributions -->\n<!-- <<< generated -->\n")
    tree.add("mic-core", core)
    tree.add("mic-cache", ["mic.cache"], requires='"mic-core==1.0.0"')
    tree.write("packages/mic-cache/src/mic/cache/base.py", "import mic.model\nclass Cache: ...\n")
    tree.write("packages/mic-cache/tests/test_base.py", "x = 1\n")
    tree.add(
        "mic-cache-redis",
        ["mic.cache_redis"],
        '[project.entry-points."mic.cache"]\nredis = "mic.cache_redis._driver:from_url"\n',
        '"mic-core==1.0.0", "mic-cache==1.0.0", "packaging>=24"',
    )
    tree.write(
        "packages/mic-cache-redis/src/mic/cache_redis/_driver.py",
        "import packaging.version\nfrom mic.cache.base import Cache\nfrom mic.model import x\n"
        "def from_url(): ...\n",
    )
    tree.write("packages/mic-cache-redis/tests/test_driver.py", "x = 1\n")
    tree.write(
        "packages/mic-cache-redis/tests/test_contract.py",
        "from mic.testing.contracts.cache import CacheBackendContract\n"
        "class TestRedis(CacheBackendContract): ...\n",
    )
    tree.write("packages/mic-struct/LICENSE", "MIT")
    tree.write(
        "packages/mic-struct/README.md",
        'pip install "mic-struct"\n```python\n```\n<!-- >>> generated: extras -->\n'
        "<!-- <<< generated -->\n",
    )
    write_stale(tree.load())
    subprocess.run(["git", "init", "-q"], cwd=tree.root, check=True)
    subprocess.run(["git", "add", "."], cwd=tree.root, check=True)
    return tree
