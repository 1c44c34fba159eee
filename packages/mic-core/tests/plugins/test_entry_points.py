"""Reading entry points and loading what they name."""

from pathlib import Path
from typing import Any

import pytest

from mic.model import ConfigurationError
from mic.plugins._entry_points import scan

GROUP = "mic.test_capability"


def test_a_claim_is_found_with_its_distribution(install: Any) -> None:
    install(
        "Acme-Cache",
        {"acme_cache.py": "def from_url(url, **options):\n    return (url, options)\n"},
        entry_points=f"[{GROUP}]\nAcme = acme_cache:from_url\n[other]\nx = acme_cache:y\n",
    )
    claims = scan(GROUP)
    assert list(claims) == ["acme"]
    (claim,) = claims["acme"]
    assert claim.distribution == "Acme-Cache"
    function = claim.load(is_async=False)
    assert function("acme://", a=1) == ("acme://", {"a": 1})
    assert claim.load(is_async=False) is function


def test_the_twin_stands_beside_the_target(install: Any) -> None:
    source = """
class Backend:
    @staticmethod
    def make(url): return "sync"
    @staticmethod
    def amake(url): return "async"
"""
    install("acme", {"acme.py": source}, entry_points=f"[{GROUP}]\nacme = acme:Backend.make\n")
    (claim,) = scan(GROUP)["acme"]
    assert claim.load(is_async=False)("u") == "sync"
    assert claim.load(is_async=True)("u") == "async"


def test_different_targets_compete_and_equal_ones_do_not(install: Any) -> None:
    entry = f"[{GROUP}]\nacme = acme:from_url\n"
    install("acme-one", {"acme.py": "def from_url(url): return 1\n"}, entry_points=entry)
    install("acme-one-again", {}, entry_points=entry, folder="other")
    assert len(scan(GROUP)["acme"]) == 1
    install("a-rival", {}, entry_points=f"[{GROUP}]\nACME = rival:from_url\n", folder="third")
    assert next(claim.distribution for claim in scan(GROUP)["acme"]) == "a-rival"
    assert len(scan(GROUP)["acme"]) == 2


def test_one_distribution_seen_twice_is_one_claim(install: Any) -> None:
    entry = f"[{GROUP}]\nacme = acme:from_url\n"
    install("acme", {"acme.py": ""}, entry_points=entry)
    install("acme", {"acme.py": ""}, entry_points=entry, folder="other")
    assert [claim.distribution for claim in scan(GROUP)["acme"]] == ["acme"]


@pytest.mark.parametrize(
    ("source", "target", "cause", "what"),
    [
        ("import nothing_of_this_name", "acme:from_url", ModuleNotFoundError, "cannot be loaded"),
        ("raise RuntimeError('boom')", "acme:from_url", RuntimeError, "cannot be loaded"),
        ("", "acme:from_url", AttributeError, "cannot be loaded"),
        ("", "acme", AttributeError, "cannot be loaded"),
        # what the standard library raises here differs between Python versions
        ("", "not a target", Exception, "cannot be loaded"),
        ("from_url = 5", "acme:from_url", type(None), "is not callable"),
    ],
)
def test_a_broken_target_is_blamed_on_its_distribution(
    install: Any, source: str, target: str, cause: type, what: str
) -> None:
    install("acme", {"acme.py": source}, entry_points=f"[{GROUP}]\nacme = {target}\n")
    (claim,) = scan(GROUP)["acme"]
    with pytest.raises(
        ConfigurationError,
        match=f"{GROUP}: the entry point acme of the distribution acme {what}",
    ) as caught:
        claim.load(is_async=False)
    assert caught.value.code == "config.broken_backend"
    assert caught.value.details == {"scheme": "acme", "distribution": "acme"}
    assert isinstance(caught.value.__cause__, cause)


def test_nothing_installed_is_nothing_found(tmp_path: Path) -> None:
    assert scan("mic.no_such_capability") == {}
