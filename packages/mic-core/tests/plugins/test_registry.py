"""From a URL to the backend of a capability."""

import subprocess
import sys
import threading
from typing import Any

import pytest

from mic.model import ConfigurationError
from mic.plugins import BackendRegistry

GROUP = "mic.test_capability"
SOURCE = """
def from_url(url, **options):
    return ("sync", url, options)

def afrom_url(url, **options):
    return ("async", url, options)
"""


def memory(url: str, **options: Any) -> Any:
    return ("memory", url, options)


def make_registry(**changes: Any) -> BackendRegistry[Any, Any]:
    return BackendRegistry(
        GROUP, hints={"Redis": "mic-test-redis"}, builtin={"Memory": memory}, **changes
    )


def test_a_builtin_needs_no_entry_point() -> None:
    registry = make_registry(async_builtin={"memory": lambda url, **options: ("a", url, options)})
    assert registry.connect("memory://x?a=1", b=2) == ("memory", "memory://x?a=1", {"b": 2})
    assert registry.connect("MEMORY+fast://x")[0] == "memory"
    assert registry.aconnect("memory://x", b=2) == ("a", "memory://x", {"b": 2})


def test_a_third_party_plugs_in(install: Any) -> None:
    install("acme", {"acme.py": SOURCE}, entry_points=f"[{GROUP}]\nacme = acme:from_url\n")
    registry = make_registry()
    url = "acme://u:p@h/0?x=1"
    assert registry.connect(url, y=2) == ("sync", url, {"y": 2})
    assert registry.aconnect(url, y=2) == ("async", url, {"y": 2})
    assert registry.connect("ACME+driver://h")[1] == "ACME+driver://h"


def test_the_whole_scheme_goes_before_its_first_part(install: Any) -> None:
    install(
        "acme",
        {"acme.py": "def one(url): return 1\ndef two(url): return 2\n"},
        entry_points=f"[{GROUP}]\nacme = acme:one\nacme+https = acme:two\n",
    )
    registry = make_registry()
    assert registry.connect("acme+https://h") == 2
    assert registry.connect("acme+http://h") == 1


def test_an_unknown_scheme_names_what_to_install() -> None:
    registry = make_registry()
    for url in ("redis://u:canary@h?x=canary", "REDIS+cluster://h"):
        with pytest.raises(
            ConfigurationError, match='needs the distribution mic-test-redis: pip install "mic-te'
        ) as caught:
            registry.connect(url)
        assert caught.value.code == "config.unknown_scheme"
        assert caught.value.details["distribution"] == "mic-test-redis"
        assert "canary" not in caught.value.message


def test_a_scheme_without_a_hint_lists_the_known_ones() -> None:
    with pytest.raises(ConfigurationError, match="scheme nats is unknown; known schemes: memory"):
        make_registry().connect("nats://h")
    with pytest.raises(ConfigurationError, match="known schemes: none"):
        BackendRegistry[Any, Any](GROUP).aconnect("nats://h")


def test_a_builtin_of_one_form_says_so() -> None:
    with pytest.raises(ConfigurationError, match="scheme memory has no asynchronous form"):
        make_registry().aconnect("memory://")
    registry = BackendRegistry[Any, Any](GROUP, async_builtin={"memory": memory})
    with pytest.raises(ConfigurationError, match="scheme memory has no synchronous form") as caught:
        registry.connect("memory://")
    assert caught.value.code == "config.unknown_scheme"


def test_two_claimants_are_both_named(install: Any) -> None:
    install("acme", {"acme.py": SOURCE}, entry_points=f"[{GROUP}]\nacme = acme:from_url\n")
    install("rival", {}, entry_points=f"[{GROUP}]\nacme = rival:from_url\n", folder="other")
    registry = make_registry()
    with pytest.raises(ConfigurationError, match="claimed by acme and rival; unins") as caught:
        registry.connect("acme://h")
    assert caught.value.code == "config.ambiguous_scheme"
    assert caught.value.details["distributions"] == ["acme", "rival"]
    assert registry.schemes() == {"acme": "acme, rival", "memory": "mic-test-capability"}


def test_nobody_takes_over_a_builtin(install: Any) -> None:
    install("acme", {"acme.py": SOURCE}, entry_points=f"[{GROUP}]\nmemory = acme:from_url\n")
    registry = make_registry()
    assert registry.connect("memory://")[0] == "memory"
    assert registry.schemes() == {"memory": "mic-test-capability"}


def test_a_broken_backend_does_not_hinder_another(install: Any) -> None:
    install(
        "acme",
        {"acme.py": SOURCE, "broken.py": "import nothing_of_this_name"},
        entry_points=f"[{GROUP}]\nacme = acme:from_url\nbroken = broken:from_url\n",
    )
    registry = make_registry()
    with pytest.raises(ConfigurationError, match="the distribution acme cannot be loaded") as info:
        registry.connect("broken://h")
    assert info.value.code == "config.broken_backend"
    assert isinstance(info.value.__cause__, ModuleNotFoundError)
    assert registry.connect("acme://h")[0] == "sync"


def test_the_backends_own_error_passes() -> None:
    def failing(url: str, **options: Any) -> Any:
        raise LookupError("its own")

    with pytest.raises(LookupError, match="its own"):
        BackendRegistry[Any, Any](GROUP, builtin={"x": failing}).connect("x://h")


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("memory", "config.unknown_scheme"),
        ("memory://h?password=canary", "config.invalid_option"),
        ("memory://h:port", "config.invalid_url"),
    ],
)
def test_a_bad_url_reaches_no_backend(url: str, code: str) -> None:
    def unreachable(url: str, **options: Any) -> Any:
        raise AssertionError("called")

    registry = BackendRegistry[Any, Any](GROUP, builtin={"memory": unreachable})
    with pytest.raises(ConfigurationError, match=r".+") as caught:
        registry.connect(url)
    assert caught.value.code == code
    assert "canary" not in caught.value.message


def test_the_scan_is_kept_until_refreshed(install: Any) -> None:
    registry = make_registry()
    assert registry.schemes() == {"memory": "mic-test-capability"}
    install("acme", {"acme.py": SOURCE}, entry_points=f"[{GROUP}]\nacme = acme:from_url\n")
    assert "acme" not in registry.schemes()
    registry.refresh()
    assert registry.schemes() == {"acme": "acme", "memory": "mic-test-capability"}
    assert registry.connect("acme://h")[0] == "sync"


def test_threads_that_race_get_one_scan_and_one_answer(install: Any) -> None:
    install(
        "acme",
        {"acme.py": "calls = []\ncalls.append(1)\ndef from_url(url): return calls\n"},
        entry_points=f"[{GROUP}]\nacme = acme:from_url\n",
    )
    registry = make_registry()
    barrier = threading.Barrier(16)
    answers: list[list[int]] = []

    def race() -> None:
        barrier.wait()
        answers.append(registry.connect("acme://h"))

    threads = [threading.Thread(target=race) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 16
    assert all(answer is answers[0] for answer in answers)
    assert answers[0] == [1]


def test_importing_reads_no_entry_point_and_no_environment() -> None:
    # Pydantic reads its own when a model is made; what is watched is who asks.
    program = """
import importlib.metadata, os, sys
import pydantic

class Environment(dict):
    def _watched(self, *args):
        caller = sys._getframe(1).f_globals["__name__"]
        assert caller.partition(".")[0] != "mic", caller + " reads the environment"
        return dict.get(self, *args)
    get = __getitem__ = __contains__ = _watched

def getenv(name, default=None):
    return Environment._watched(os.environ, name, default)

def entry_points(**params):
    caller = sys._getframe(1).f_globals["__name__"]
    assert caller.partition(".")[0] != "mic", caller + " reads entry points"
    return real(**params)

os.environ, os.getenv = Environment(os.environ), getenv
real, importlib.metadata.entry_points = importlib.metadata.entry_points, entry_points

import mic.contracts, mic.http, mic.model, mic.plugins, mic.redaction
for portion in (mic.contracts, mic.http, mic.model, mic.plugins, mic.redaction):
    for name in portion.__all__:
        getattr(portion, name)

frameworks = {"fastapi", "starlette", "litestar", "redis", "httpx", "multipart", "sqlalchemy"}
assert not frameworks & set(sys.modules), frameworks & set(sys.modules)
registry = mic.plugins.BackendRegistry("mic.cache", builtin={"memory": lambda url: 1})
assert registry.connect("memory://") == 1
try:
    registry.connect("other://")
except AssertionError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert (done.stdout.strip(), done.stderr) == (
        "mic.plugins._entry_points reads entry points",
        "",
    )


def test_redaction_needs_no_third_party() -> None:
    program = "import sys, mic.redaction; print('pydantic' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"
