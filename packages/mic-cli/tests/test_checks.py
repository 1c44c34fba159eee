"""The checks of `mic doctor` that only look: one installation for each finding, and a clean one."""

from __future__ import annotations

from typing import Any

import pytest

from mic.cli._checks import (
    Finding,
    absent_requirements,
    claimed_twice,
    differing_versions,
    hidden_namespace,
    installed_twice,
    python_version,
    targets_of,
)
from mic.cli._installed import scan
from mic.cli._members import members_of


def found_by(check: Any, *sites: Any) -> list[tuple[str, str, str]]:
    """Level, subject and message of what a check finds in sites."""
    path = [str(site.folder) for site in sites]
    found = scan(path)
    members = members_of(found)
    arguments = {
        hidden_namespace: (path, found),
        differing_versions: (members,),
        claimed_twice: (found,),
        absent_requirements: (members, found),
        installed_twice: (members, found),
    }[check]
    findings: list[Finding] = list(check(*arguments))
    assert all(each.fix for each in findings)
    return [(each.level, each.subject, each.message) for each in findings]


CHECKS = [
    hidden_namespace,
    differing_versions,
    claimed_twice,
    absent_requirements,
    installed_twice,
]


@pytest.mark.parametrize("check", CHECKS)
def test_a_clean_installation_has_nothing(check: Any, site: Any, another_site: Any) -> None:
    site.add("mic-core", entry_points="[mic.cache]\nmemory = a:b\n")
    site.add("mic-cli", requires=["mic-core==1.0.0"])
    another_site.add("mic-cache", requires=["Mic_Core==1.0.0"], record=["mic/cache/__init__.py"])
    another_site.add("other", "2.0", requires=["absent"], entry_points="[other]\nmemory = c:d\n")
    assert found_by(check, site, another_site) == []


@pytest.mark.parametrize(
    ("version", "wrong"),
    [((3, 10, 9), True), ((2, 7), True), ((3, 11, 0), False), ((3, 14, 1), False), ((4,), False)],
)
def test_d01_a_python_below_the_floor(version: tuple[int, ...], wrong: bool) -> None:
    findings = list(python_version(version))
    assert [each.id for each in findings] == (["D01"] if wrong else [])
    if wrong:
        shown = ".".join(map(str, version))
        assert findings[0].message == f"Python {shown} is older than 3.11, which the family needs"


def test_d02_files_that_hide_the_namespace(site: Any, another_site: Any) -> None:
    site.add("mic-struct", "0.0.4", files={"mic/__init__.py": "", "mic/py.typed": ""})
    another_site.add("mic-core")
    (another_site.folder / "mic").mkdir()
    (another_site.folder / "mic" / "__init__.py").write_text("")
    one, two = site.folder, another_site.folder
    hides = "hides every portion of mic that lies in another folder; it belongs to "
    assert found_by(hidden_namespace, site, another_site) == [
        ("error", f"{one}/mic/__init__.py", f"{hides}mic-struct"),
        (
            "warning",
            f"{one}/mic/py.typed",
            "tells type checkers that mic is one distribution's package; it belongs to mic-struct",
        ),
        ("error", f"{two}/mic/__init__.py", f"{hides}no installed distribution"),
    ]


def test_d03_versions_that_differ(site: Any) -> None:
    site.add("mic-cli", "1.0.0")
    site.add("mic-cache", "0.9.0")
    assert found_by(differing_versions, site) == [
        ("error", "mic-cache", "is 0.9.0, and 1.0.0 is expected")
    ]


def test_d05_entry_points_that_are_claimed_twice(site: Any) -> None:
    site.add("mic-cache-a", entry_points="[mic.cache]\nredis = a:x\nmine = a:x\n[other]\no = a:x\n")
    site.add("mic-cache-b", entry_points="[mic.cache]\nREDIS = b:x\n[other]\no = b:x\n")
    site.add("plugin", entry_points="[mic.commands]\nlist = c:x\nfine = c:x\nBad_Name = c:x\n")
    assert found_by(claimed_twice, site) == [
        ("error", "mic.commands: Bad_Name", "cannot be the name of a command; plugin brings it"),
        ("error", "mic.cache: redis", "is claimed by mic-cache-a and mic-cache-b"),
        ("error", "mic.commands: list", "is claimed by mic-cli and plugin"),
    ]


def test_d06_requirements_that_are_absent(site: Any) -> None:
    requires = ["mic-core==1.0.0", "redis>=5,<7", 'absent; extra == "x"', "(odd", "other[x]>2"]
    site.add("mic-cache-redis", requires=requires)
    site.add("other", "1.0", requires=["absent"])
    assert found_by(absent_requirements, site) == [
        ("error", "mic-cache-redis", "requires mic-core, which is not installed"),
        ("error", "mic-cache-redis", "requires redis, which is not installed"),
    ]


def test_d07_a_distribution_that_is_installed_twice(site: Any, another_site: Any) -> None:
    site.add("mic-cache", "1.0.0")
    site.add("other", "1.0.0")
    another_site.add("mic-cache", "1.0.0")
    another_site.add("other", "1.0.0")
    one, two = site.folder, another_site.folder
    assert found_by(installed_twice, site, another_site) == [
        ("error", "mic-cache", f"is installed 2 times: 1.0.0 in {one} and 1.0.0 in {two}")
    ]
    another_site.add("mic-cli", "1.0.0")
    another_site.add("mic-cli", "1.1.0")
    assert ("error", "mic-cli", f"is installed 2 times: 1.0.0 in {two} and 1.1.0 in {two}") in (
        found_by(installed_twice, site, another_site)
    )


def test_targets_are_those_of_the_family_s_groups(site: Any) -> None:
    site.add("mic-a", entry_points="[mic.cache]\nx = a:b\n[other]\ny = c:d\n[mic.a.b]\nz = e:f\n")
    assert list(targets_of(scan([str(site.folder)]))) == [("mic-a", "mic.cache: x", "a:b")]
