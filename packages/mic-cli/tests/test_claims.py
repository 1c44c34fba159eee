"""Who claims which command."""

from __future__ import annotations

from typing import Any

from mic.cli._claims import claims_of, help_of, owners_of
from mic.cli._installed import scan

GROUP = "mic.commands"


def test_claims_are_sorted_and_only_of_names_that_can_be_typed(site: Any) -> None:
    site.add("z-plugin", entry_points=f"[{GROUP}]\nb = z:B\na-1 = z:A\n[other]\nc = z:C\n")
    site.add("a-plugin", entry_points=f"[{GROUP}]\nb = a:B\nUpper = a:U\n1a = a:X\n-x = a:Y\n")
    found = claims_of(scan([str(site.folder)]), GROUP)
    assert list(found) == ["a-1", "b"]
    assert [(each.distribution, each.value) for each in found["b"]] == [
        ("a-plugin", "a:B"),
        ("z-plugin", "z:B"),
    ]
    assert [each.name for each in found["b"]] == ["b", "b"]
    assert help_of("list", found["b"]) == "(claimed by mic-cli and a-plugin and z-plugin)"
    assert help_of("a-1", found["a-1"]) == "from z-plugin"
    assert help_of("b", found["b"]) == "(claimed by a-plugin and z-plugin)"


def test_a_distribution_that_is_shadowed_claims_nothing(site: Any, another_site: Any) -> None:
    site.add("plugin", "2.0", entry_points=f"[{GROUP}]\nb = new:B\n")
    another_site.add("plugin", "1.0", entry_points=f"[{GROUP}]\nb = old:B\n")
    found = claims_of(scan([str(site.folder), str(another_site.folder)]), GROUP)
    assert [each.value for each in found["b"]] == ["new:B"]


def test_built_in_names_are_this_distribution_s() -> None:
    assert owners_of("list", []) == ["mic-cli"]
    assert owners_of("other", []) == []
