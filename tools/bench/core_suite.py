"""What `mic-core` costs apart from requests: importing, building, looking up, redacting."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType

import mic.http
from mic.http import HttpRouteSpec, compile_routes
from mic.plugins import BackendRegistry
from mic.redaction import RedactionPolicy, redact_drop
from tools.bench.harness import Benchmark, Comparison, Limit, Result, Work, nothing, quickest
from tools.bench.http_suite import create, search, spec

RECORD: dict[str, object] = {
    **{f"count_{number}": number for number in range(10)},
    **{f"name_{number}": f"some value {number}" for number in range(10)},
}
"""A flat dict of twenty members in which nothing is redacted."""

ADVERSARIAL = (
    *("bearer ", "bearer tokens ", "basic AAAAAAAA ", "eyJ", "aeyJ.", "eyJ........", "a-"),
    *("-----BEGIN ", "-----BEGIN PRIVATE KEY-----", "://", "://a@", "akia ", "AIza-", "asia "),
    *("1", "1111 ", "1111 1111 1111 ", "1234 123456 ", "a@", "@", "a=", "password=[", 'a\\"='),
)
"""What is repeated to keep a pattern busy."""


def importing(statement: str, caches: Path) -> float:
    """The CPU seconds of a statement in a fresh interpreter, with compiled files at hand."""
    program = f"import time; began = time.process_time(); {statement}\n"
    program += "print(time.process_time() - began)"
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(caches)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-c", program]
    return float(subprocess.check_output(command, env=environment))


def side_by_side(statements: Sequence[str], rounds: int) -> list[float]:
    """The median CPU seconds of statements, each in interpreters of its own, in turn."""
    with TemporaryDirectory() as folder:
        caches = Path(folder)
        for statement in statements:
            importing(statement, caches)
        costs = [[importing(each, caches) for each in statements] for _ in range(rounds)]
    return [statistics.median(column) for column in zip(*costs, strict=True)]


def import_beyond_pydantic(rounds: int) -> float:
    """The seconds that `import mic.http` takes when pydantic has been imported."""
    whole, base = side_by_side(
        ["import pydantic, mic.http", "import pydantic"], max(1, rounds // 2)
    )
    return whole - base


@dataclass(frozen=True, slots=True)
class EveryName:
    """All of `mic.http`, pydantic's models included, against a framework of its size."""

    name: str = "from mic.http import *"
    must: float = 1.0

    def run(self, *, rounds: int) -> Result:
        """Measure in fresh interpreters."""
        statements = ["from mic.http import *", "import fastapi"]
        ours, theirs = side_by_side(statements, max(1, rounds // 2))
        shown = Benchmark(self.name, nothing, nothing, "import fastapi", self.must, faster=False)
        return Result(shown, ours / theirs, ours * 1e6, theirs * 1e6)


def routes(count: int) -> list[HttpRouteSpec]:
    """Routes with path and query parameters, and with bodies."""
    return [
        spec(search, "GET", f"/things{number}/{{item_id}}", f"find{number}")
        if number % 2
        else spec(create, "POST", f"/things{number}", f"make{number}")
        for number in range(count)
    ]


def compiling(rounds: int) -> float:
    """The seconds of `compile_routes` with 200 routes."""
    specs = routes(200)
    return min(_timed(lambda: compile_routes(specs)) for _ in range(max(1, rounds // 4)))


def connecting(count: int) -> None:
    """Look a backend up by its URL."""
    for _ in range(count):
        _REGISTRY.connect("memory://")


_REGISTRY: BackendRegistry[int, int] = BackendRegistry("mic.bench", builtin={"memory": len})


def reading(module: object, name: str) -> Work:
    """Read an attribute, a hundred times a call."""
    getattr(module, name)
    program = compile("\n".join([f"module.{name}"] * 100), "reading", "exec")
    space = {"module": module}

    def work(count: int) -> None:
        for _ in range(count):
            exec(program, space)

    return work


def _plain_module() -> ModuleType:
    # With a `__getattr__`, like the lazy one: Python does not specialize reads of such a module.
    module = ModuleType("plain")
    vars(module).update(value=1, __getattr__=reading)
    return module


def redacting(count: int) -> None:
    """Redact a record."""
    for _ in range(count):
        _POLICY.apply(RECORD)


_POLICY = RedactionPolicy()


def adversarial(rounds: int) -> float:
    """The seconds of the worst text of a megabyte, at its quickest."""
    policy = RedactionPolicy({"email": redact_drop})
    texts = [(piece * (1_000_000 // len(piece) + 1))[:1_000_000] for piece in ADVERSARIAL]
    return max(
        min(_timed(partial(policy.apply_text, text)) for _ in range(max(1, rounds // 6)))
        for text in texts
    )


def _timed(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def benchmarks() -> list[Comparison]:
    """Every comparison, in the order in which they are shown."""
    return [
        Limit(
            "import mic.http", import_beyond_pydantic, 0.060, "the bound, beyond import pydantic"
        ),
        EveryName(),
        Limit("compile_routes, 200 routes", compiling, 0.300, "the bound"),
        Limit("registry lookup, warm", quickest(connecting), 5e-6, "the bound"),
        Benchmark(
            "lazy symbol, second access",
            reading(mic.http, "compile_routes"),
            reading(_plain_module(), "value"),
            "an attribute that such a module always had",
            1.1,
            faster=False,
        ),
        Limit("redaction of a flat dict of 20", quickest(redacting), 4e-6, "the bound"),
        Limit("redaction of 1 MB of adversarial text", adversarial, 0.050, "the bound"),
    ]
