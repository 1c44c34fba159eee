"""Each rule of the checker on a workspace that keeps it and on one that breaks it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from tools.checker.__main__ import RULES, main
from tools.generate.meta import shared_metadata, toml_value
from tools.generate.parts import write_stale

HOST = ".".join(["pypi", "org"])


def _manifest(tree: Any, name: str, portions: list[str], more: str = "", requires: str = "") -> str:
    shared = "\n".join(f"{k} = {toml_value(v)}" for k, v in shared_metadata(tree.load()).items())
    module = portions[0] if len(portions) == 1 else portions
    return (
        '[build-system]\nrequires = ["uv_build>=0.9,<0.14"]\nbuild-backend = "uv_build"\n'
        f'[project]\nname = "{name}"\ndescription = "{name}"\n{shared}\n'
        f"dependencies = [{requires}]\n"
        f"{more}\n[tool.uv.build-backend]\nmodule-name = {toml_value(module)}\n"
    )


def _add(tree: Any, name: str, portions: list[str], more: str = "", requires: str = "") -> None:
    home = f"packages/{name}"
    tree.write(f"{home}/pyproject.toml", _manifest(tree, name, portions, more, requires))
    tree.write(f"{home}/LICENSE", "MIT")
    tree.write(f"{home}/README.md", f'pip install "{name}"\n```python\nimport {portions[0]}\n```\n')
    for portion in portions:
        folder = f"{home}/src/{portion.replace('.', '/')}"
        tree.write(f"{folder}/__init__.py", '"""It."""\n\n__all__: list[str] = []\n')
        tree.write(f"{folder}/py.typed")
        tree.write(f"docs/capabilities/{portion[4:]}.md", "## Guarantees\n- `mic-cache-redis`\n")


@pytest.fixture
def family(tree: Any) -> Any:
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
    _add(tree, "mic-core", core)
    _add(tree, "mic-cache", ["mic.cache"], requires='"mic-core==1.0.0"')
    tree.write("packages/mic-cache/src/mic/cache/base.py", "import mic.model\nclass Cache: ...\n")
    tree.write("packages/mic-cache/tests/test_base.py", "x = 1\n")
    _add(
        tree,
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


def _findings(tree: Any, code: str) -> list[str]:
    rule = next(rule for rule in RULES if rule.code == code)
    return [f"{each.path.relative_to(tree.root)}: {each.message}" for each in rule.run(tree.load())]


@pytest.mark.parametrize("code", [rule.code for rule in RULES])
def test_a_family_that_keeps_the_rules_passes(family: Any, code: str) -> None:
    assert _findings(family, code) == []


@pytest.mark.parametrize("code", [rule.code for rule in RULES])
def test_having_nothing_to_check_is_a_failure(tree: Any, code: str) -> None:
    subprocess.run(["git", "init", "-q"], cwd=tree.root, check=True)
    assert _findings(tree, code) != []


def _replace(tree: Any, path: str, old: str, new: str) -> None:
    text = tree.read(path)
    assert old in text
    tree.write(path, text.replace(old, new))


CACHE = "packages/mic-cache"
REDIS = "packages/mic-cache-redis"
DRIVER = f"{REDIS}/src/mic/cache_redis/_driver.py"


def _other_name(tree: Any) -> None:
    _replace(tree, f"{CACHE}/pyproject.toml", 'name = "mic-cache"', 'name = "mic-cash"')


def _other_module(tree: Any) -> None:
    _replace(tree, f"{CACHE}/pyproject.toml", 'module-name = "mic.cache"', 'module-name = "mic.c"')


def _stray_portion(tree: Any) -> None:
    tree.write(f"{CACHE}/src/mic/stray/__init__.py")


def _old_version(tree: Any) -> None:
    _replace(tree, f"{CACHE}/pyproject.toml", 'version = "1.0.0"', 'version = "0.9.0"')


def _other_licence(tree: Any) -> None:
    _replace(tree, f"{CACHE}/pyproject.toml", 'license = "MIT"', 'license = "ISC"')


def _own_backend(tree: Any) -> None:
    _replace(tree, f"{CACHE}/pyproject.toml", "uv_build>=0.9,<0.14", "hatchling")


def _loose_pin(tree: Any) -> None:
    _replace(tree, f"{REDIS}/pyproject.toml", '"mic-cache==1.0.0"', '"mic-cache>=1.0"')


def _no_such_sibling(tree: Any) -> None:
    _replace(tree, f"{REDIS}/pyproject.toml", '"mic-cache==1.0.0"', '"mic-cash==1.0.0"')


def _circle(tree: Any) -> None:
    _replace(tree, f"{CACHE}/pyproject.toml", '"mic-core==1.0.0"', '"mic-cache-redis==1.0.0"')


def _unlisted_edge(tree: Any) -> None:
    _add(tree, "mic-queue", ["mic.queue"], requires='"mic-core==1.0.0", "mic-cache==1.0.0"')


def _missing_extra(tree: Any) -> None:
    _replace(tree, "packages/mic-struct/pyproject.toml", "\ncache = ", "\ncash = ")


def _file_in_namespace(tree: Any) -> None:
    tree.write(f"{CACHE}/src/mic/py.typed")


def _file_in_source(tree: Any) -> None:
    tree.write(f"{CACHE}/src/setup.py")


def _untyped(tree: Any) -> None:
    (tree.root / f"{CACHE}/src/mic/cache/py.typed").unlink()


def _code_in_meta(tree: Any) -> None:
    tree.write("packages/mic-struct/src/mic_struct/__init__.py")


def _no_python(tree: Any) -> None:
    tree.write(f"{CACHE}/src/mic/cache/base.py", "import mic.model\ndef\n")


def _undeclared(tree: Any) -> None:
    tree.write(f"{CACHE}/src/mic/cache/base.py", "import mic.model\ndef f(): import packaging\n")


def _undeclared_by_name(tree: Any) -> None:
    tree.write(
        f"{CACHE}/src/mic/cache/base.py",
        "import mic.model\nfrom importlib import import_module\nimport_module('packaging')\n",
    )


def _undeclared_sibling(tree: Any) -> None:
    tree.write(f"{CACHE}/src/mic/cache/base.py", "import mic.model\nimport mic.cache_redis\n")


def _not_installed(tree: Any) -> None:
    tree.write(f"{CACHE}/src/mic/cache/base.py", "import mic.model\nimport no_such_thing\n")


def _unowned(tree: Any) -> None:
    tree.write(f"{CACHE}/src/mic/cache/base.py", "import mic.model\nimport mic.nowhere\n")


def _unused(tree: Any) -> None:
    tree.write(DRIVER, "from mic.cache.base import x\nimport mic.model\n")


def _idle_excuse(tree: Any) -> None:
    manifest = tree.read(f"{REDIS}/pyproject.toml")
    tree.write(
        f"{REDIS}/pyproject.toml", f'{manifest}\n[tool.mic.unimported]\npackaging = "no reason"\n'
    )


def _private(tree: Any) -> None:
    _replace(tree, DRIVER, "from mic.cache.base import Cache", "from mic.cache._base import Cache")


def _private_in_tests(tree: Any) -> None:
    tree.write(f"{REDIS}/tests/test_driver.py", "from mic.cache.base import _hidden\n")


def _dead_lazy_export(tree: Any) -> None:
    tree.write(
        f"{CACHE}/src/mic/cache/__init__.py",
        'from mic.plugins import LazyExport\nx = {"No": LazyExport("mic.cache_redis", "mic-x")}\n',
    )


def _code_in_init(tree: Any) -> None:
    tree.write(f"{CACHE}/src/mic/cache/__init__.py", '"""It."""\ndef f(): ...\n')


def _unsorted(tree: Any) -> None:
    tree.write(
        f"{CACHE}/src/mic/cache/__init__.py",
        '"""It."""\nfrom a import b, c\n__all__ = ["c", "b"]\n',
    )


def _no_list(tree: Any) -> None:
    tree.write(f"{CACHE}/src/mic/cache/__init__.py", '"""It."""\nfrom a import b\n')


def _built_list(tree: Any) -> None:
    tree.write(f"{CACHE}/src/mic/cache/__init__.py", '"""It."""\nfrom a import b\n__all__ = [*b]\n')


def _unbound(tree: Any) -> None:
    tree.write(f"{CACHE}/src/mic/cache/__init__.py", '"""It."""\n__all__ = ["Nothing"]\n')


def _no_docstring(tree: Any) -> None:
    tree.write(f"{CACHE}/src/mic/cache/__init__.py", "__all__: list[str] = []\n")


def _dead_target(tree: Any) -> None:
    _replace(tree, f"{REDIS}/pyproject.toml", "_driver:from_url", "_driver:of_url")


def _dead_module(tree: Any) -> None:
    _replace(tree, f"{REDIS}/pyproject.toml", "_driver:from_url", "_drive:from_url")


def _unknown_group(tree: Any) -> None:
    _replace(tree, f"{REDIS}/pyproject.toml", 'entry-points."mic.cache"', 'entry-points."mic.cash"')


def _claimed_twice(tree: Any) -> None:
    entry = '[project.entry-points."mic.cache"]\nredis = "mic.cache.base:Cache"\n'
    _add(tree, "mic-cache", ["mic.cache"], entry, '"mic-core==1.0.0"')


def _no_contract(tree: Any) -> None:
    (tree.root / f"{REDIS}/tests/test_contract.py").unlink()


def _other_contract(tree: Any) -> None:
    _replace(tree, f"{REDIS}/tests/test_contract.py", "contracts.cache", "contracts.queue")


def _contract_not_run(tree: Any) -> None:
    _replace(tree, f"{REDIS}/tests/test_contract.py", "(CacheBackendContract)", "")


def _untested(tree: Any) -> None:
    (tree.root / f"{REDIS}/tests/test_driver.py").unlink()


def _tests_of_nothing(tree: Any) -> None:
    tree.write(f"{REDIS}/tests/test_elsewhere.py", "x = 1\n")


def _no_install_line(tree: Any) -> None:
    _replace(tree, f"{CACHE}/README.md", "pip install", "pip")


def _no_example(tree: Any) -> None:
    _replace(tree, f"{CACHE}/README.md", "```python", "```")


def _no_page(tree: Any) -> None:
    (tree.root / "docs/capabilities/cache.md").unlink()


def _unlisted_backend(tree: Any) -> None:
    tree.write("docs/capabilities/cache.md", "## Guarantees\n")


def _no_guarantee(tree: Any) -> None:
    tree.write("docs/capabilities/cache.md", "- `mic-cache-redis`\n")


def _stale_part(tree: Any) -> None:
    _replace(tree, "README.md", "| `mic.cache` |", "| `mic.cash` |")


def _lost_marks(tree: Any) -> None:
    tree.write("README.md", "nothing\n")


def _named_host(tree: Any) -> None:
    _replace(tree, f"{CACHE}/README.md", "```python", f"https://{HOST}/\n```python")


def _own_path(tree: Any) -> None:
    _replace(tree, f"{CACHE}/README.md", "```python", f"{tree.root}\n```python")


@pytest.mark.parametrize(
    ("code", "breakage", "says"),
    [
        ("W01", _other_name, "[project] name must be 'mic-cache'"),
        ("W01", _other_module, "module-name must be 'mic.cache'"),
        ("W01", _stray_portion, "must hold exactly mic.cache, holds mic.cache, mic.stray"),
        ("W02", _old_version, "[project] version must be '1.0.0'; run `make bump`"),
        ("W02", _other_licence, "[project] license must be 'MIT'"),
        ("W02", _own_backend, "[build-system] must be"),
        ("W03", _loose_pin, "requires 'mic-cache>=1.0'; pin it: mic-cache==1.0.0"),
        ("W03", _no_such_sibling, "'mic-cash==1.0.0', which the tree does not have"),
        ("W03", _circle, "these require each other in a circle: mic-cache, mic-cache-redis"),
        ("W03", _unlisted_edge, "list 'mic-queue -> mic-cache' under [tool.mic] edges"),
        ("W03", _missing_extra, "extra 'cache' must be ['mic-cache==1.0.0']; run `make docs`"),
        ("W04", _file_in_namespace, "src/mic/py.typed: a file here breaks every other"),
        ("W04", _file_in_source, "src/setup.py: only the folder mic stands in src"),
        ("W04", _untyped, "src/mic/cache: add py.typed to this portion"),
        ("W04", _code_in_meta, "the meta-distribution holds metadata only"),
        ("W05", _no_python, "cache/base.py: line 2: invalid syntax"),
        ("W05", _undeclared, "imports packaging; declare packaging in [project] dependencies"),
        ("W05", _undeclared_by_name, "imports packaging; declare packaging"),
        ("W05", _undeclared_sibling, "imports mic.cache_redis; declare mic-cache-redis"),
        ("W05", _not_installed, "imports no_such_thing, which nothing installed provides"),
        ("W05", _unowned, "imports mic.nowhere, which no distribution of the tree owns"),
        ("W05", _unused, "requires packaging, and nothing imports it"),
        ("W05", _idle_excuse, "excuses packaging, which needs no excuse"),
        ("W05", _private, "imports mic.cache._base.Cache, which is private to mic-cache"),
        ("W05", _private_in_tests, "mic.cache.base._hidden, which is private to mic-cache"),
        ("W05", _dead_lazy_export, "lazily exports 'No' of mic.cache_redis, which does not exist"),
        ("W05", _dead_lazy_export, "mic.cache_redis belongs to the distribution mic-cache-redis"),
        ("W06", _code_in_init, "line 2: move this into a module"),
        ("W06", _unsorted, "sort __all__ as sorted() does, each name once: ['b', 'c']"),
        ("W06", _no_list, "add a sorted __all__ that lists what is public"),
        ("W06", _built_list, "write __all__ as one list of plain strings"),
        ("W06", _unbound, "__all__ lists Nothing, which this module does not import"),
        ("W06", _no_docstring, "begin with a docstring"),
        ("W07", _dead_target, "mic.cache_redis._driver:of_url does not exist"),
        ("W07", _dead_module, "mic.cache_redis._drive:from_url does not exist"),
        ("W07", _unknown_group, "entry-point group 'mic.cash' is no capability"),
        ("W07", _claimed_twice, "'redis' of mic.cache is claimed by mic-cache too"),
        ("W08", _no_contract, "claims schemes of mic.cache and does not run its contract"),
        ("W08", _other_contract, "claims schemes of mic.cache and does not run its contract"),
        ("W08", _contract_not_run, "claims schemes of mic.cache and does not run its contract"),
        ("W09", _untested, "add its tests: tests/test_driver.py"),
        ("W09", _tests_of_nothing, "test_elsewhere.py: mirrors no module"),
        ("W09", _no_install_line, 'add an install line: pip install "mic-cache"'),
        ("W09", _no_example, "add an example in a ```python block"),
        ("W10", _no_page, "write the page of mic.cache"),
        ("W10", _unlisted_backend, "list the backend `mic-cache-redis`"),
        ("W10", _no_guarantee, "say what the capability guarantees"),
        ("W11", _stale_part, "README.md: a generated part differs; run `make docs`"),
        ("W11", _lost_marks, "no marks for the generated region distributions; put the marks back"),
        ("W12", _named_host, "README.md: line 2: names a package registry's host"),
        ("W12", _own_path, "holds the path of a checkout"),
    ],
)
def test_a_broken_rule_is_found_and_its_message_names_the_fix(
    family: Any, code: str, breakage: Callable[[Any], None], says: str
) -> None:
    breakage(family)
    found = _findings(family, code)
    assert [each for each in found if says in each], found


def test_a_listed_edge_is_allowed(family: Any) -> None:
    _unlisted_edge(family)
    _replace(
        family,
        "pyproject.toml",
        "[tool.mic]\n",
        '[tool.mic]\nedges = ["mic-queue -> mic-cache"]\n',
    )
    write_stale(family.load())
    assert _findings(family, "W03") == []


def test_the_type_of_a_lazy_backend_needs_no_declaration(family: Any) -> None:
    family.write(
        f"{CACHE}/src/mic/cache/base.py",
        "import mic.model\nfrom typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from mic.cache_redis import RedisCache\n",
    )
    assert _findings(family, "W05") == []


def test_a_reason_and_a_provided_package_are_heard(family: Any) -> None:
    family.write(DRIVER, "import hypothesis\nfrom mic.cache.base import x\nimport mic.model\n")
    manifest = family.read(f"{REDIS}/pyproject.toml")
    family.write(
        f"{REDIS}/pyproject.toml",
        f'{manifest}\n[tool.mic.unimported]\npackaging = "why"\n'
        '[tool.mic.provided]\npackaging = ["hypothesis"]\n',
    )
    assert _findings(family, "W05") == []


def test_lazy_exports_stand_in_an_init(family: Any) -> None:
    family.write(
        f"{CACHE}/src/mic/cache/__init__.py",
        """
        '''It.'''
        from typing import TYPE_CHECKING
        from mic.plugins import LazyExport, make_lazy_exports
        if TYPE_CHECKING:
            from mic.cache_redis import RedisCache
        __all__: list[str] = []
        __getattr__, __dir__ = make_lazy_exports(__name__, {"R": LazyExport("a", "b")})
        """,
    )
    assert _findings(family, "W06") == []


def test_a_module_that_passes_names_on_needs_no_tests_and_a_named_file_is_accepted(
    family: Any,
) -> None:
    family.write(f"{CACHE}/src/mic/cache/names.py", "from mic.cache.base import Cache\n")
    family.write(f"{CACHE}/tests/test_parity.py", "x = 1\n")
    manifest = family.read(f"{CACHE}/pyproject.toml")
    family.write(
        f"{CACHE}/pyproject.toml",
        f'{manifest}\n[tool.mic.tests]\n"test_parity.py" = "both twins"\n',
    )
    assert _findings(family, "W09") == []


@pytest.mark.parametrize(
    "test",
    ["test_core.py", "test_async_core.py", "_async/test_core.py", "cache/test_core_edges.py"],
)
def test_a_twin_and_a_subpackage_have_their_tests_in_any_of_the_mirrored_places(
    family: Any, test: str
) -> None:
    family.write(f"{CACHE}/src/mic/cache/_async/core.py", "class C: ...\n")
    family.write(f"{CACHE}/tests/{test}", "x = 1\n")
    assert _findings(family, "W09") == []


def test_the_command_runs_chosen_rules(
    family: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tools.checker.__main__.load_workspace", family.load)
    assert main([]) == 0
    assert "W12 no registry's host is named: no findings" in capsys.readouterr().out
    _untested(family)
    assert main(["W09"]) == 1
    out = capsys.readouterr().out
    assert "  W09 packages/mic-cache-redis/src/mic/cache_redis/_driver.py: add its tests" in out
    assert "W01" not in out
    assert main(["W99"]) == 2
