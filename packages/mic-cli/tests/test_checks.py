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


def found_by(check: Any, *sites: Any) -> list[tuple[str, str, str, str]]:
    """Level, subject, message and fix of what a check finds in sites; all have its id."""
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
    assert {each.id for each in findings} <= {IDS[check]}
    return [(each.level, each.subject, each.message, each.fix) for each in findings]


IDS = {
    hidden_namespace: "D02",
    differing_versions: "D03",
    claimed_twice: "D05",
    absent_requirements: "D06",
    installed_twice: "D07",
}


@pytest.mark.parametrize("check", IDS)
def test_a_clean_installation_has_nothing(check: Any, site: Any, another_site: Any) -> None:
    site.add("mic-core", entry_points="[mic.cache]\nmemory = a:b\n")
    site.add("mic-cli", requires=["mic-core==1.0.0"])
    another_site.add("mic-cache", requires=["Mic_Core==1.0.0"], record=["mic/cache/__init__.py"])
    another_site.add("other", "2.0", requires=["absent"], entry_points="[other]\nmemory = c:d\n")
    assert found_by(check, site, another_site) == []


@pytest.mark.parametrize(
    ("version", "wrong"),
    [
        ((3, 10, 9, "final"), True),
        ((2, 7), True),
        ((3, 11, 0), False),
        ((3, 14, 1), False),
        ((4,), False),
    ],
)
def test_d01_a_python_below_the_floor(version: tuple[Any, ...], wrong: bool) -> None:
    shown = ".".join(map(str, version[:3]))
    expected = Finding(
        "D01",
        "error",
        "python",
        f"Python {shown} is older than 3.11, which the family needs",
        "make an environment with a newer Python",
    )
    assert list(python_version(version)) == ([expected] if wrong else [])


def test_d02_files_that_hide_the_namespace(site: Any, another_site: Any) -> None:
    site.add("mic-struct", "0.0.4", files={"mic/__init__.py": "", "mic/py.typed": ""})
    another_site.add("mic-core")
    (another_site.folder / "mic").mkdir()
    (another_site.folder / "mic" / "__init__.py").write_text("")
    one, two = site.folder, another_site.folder
    hides = "hides every portion of mic that lies in another folder; it belongs to "
    tells = "tells type checkers that mic is one distribution's package; it belongs to mic-struct"
    fix = "pip uninstall mic-struct, then install what you need of the family again"
    assert found_by(hidden_namespace, site, another_site) == [
        ("error", f"{one}/mic/__init__.py", f"{hides}mic-struct", fix),
        ("warning", f"{one}/mic/py.typed", tells, fix),
        ("error", f"{two}/mic/__init__.py", f"{hides}no installed distribution", "delete the file"),
    ]


def test_d03_versions_that_differ(site: Any) -> None:
    site.add("mic-cli", "1.0.0")
    site.add("mic-cache", "0.9.0")
    message, fix = "is 0.9.0, and 1.0.0 is expected", 'pip install "mic-cache==1.0.0"'
    assert found_by(differing_versions, site) == [("error", "mic-cache", message, fix)]


def test_d05_entry_points_that_are_claimed_twice(site: Any) -> None:
    site.add("mic-cache-a", entry_points="[mic.cache]\nredis = a:x\nmine = a:x\n[other]\no = a:x\n")
    site.add("mic-cache-b", entry_points="[mic.cache]\nREDIS = b:x\n[other]\no = b:x\n")
    site.add("plugin", entry_points="[mic.commands]\nlist = c:x\nfine = c:x\nBad_Name = c:x\n")
    fix = "uninstall all but one"
    assert found_by(claimed_twice, site) == [
        (
            "error",
            "mic.commands: Bad_Name",
            "cannot be the name of a command; plugin brings it",
            "have plugin mended; names are like [a-z][a-z0-9-]*",
        ),
        ("error", "mic.cache: redis", "is claimed by mic-cache-a and mic-cache-b", fix),
        ("error", "mic.commands: list", "is claimed by mic-cli and plugin", fix),
    ]


def test_d06_requirements_that_are_absent(site: Any) -> None:
    requires = [
        "mic-core==1.0.0",
        "redis>=5,<7",
        "direct @ https://u:secret@host/a",
        'absent; extra == "x"',
        "(odd",
        "other[x]>2",
    ]
    site.add("mic-cache-redis", requires=requires)
    site.add("other", "1.0", requires=["absent"])
    name, fix = "mic-cache-redis", 'pip install "{}"'
    assert found_by(absent_requirements, site) == [
        ("error", name, "requires mic-core, which is not installed", fix.format("mic-core==1.0.0")),
        ("error", name, "requires redis, which is not installed", fix.format("redis>=5,<7")),
        ("error", name, "requires direct, which is not installed", fix.format("direct")),
    ]


def test_d07_a_distribution_that_is_installed_twice(site: Any, another_site: Any) -> None:
    site.add("mic-cache", "1.0.0")
    site.add("other", "1.0.0")
    another_site.add("mic-cache", "1.0.0")
    another_site.add("other", "1.0.0")
    one, two = site.folder, another_site.folder
    message = f"is installed 2 times: 1.0.0 in {one} and 1.0.0 in {two}"
    fix = "pip uninstall {} until none is left, then install it again"
    expected = [("error", "mic-cache", message, fix.format("mic-cache"))]
    assert found_by(installed_twice, site, another_site) == expected
    another_site.add("mic-cli", "1.0.0")
    another_site.add("mic-cli", "1.1.0")
    message = f"is installed 2 times: 1.0.0 in {two} and 1.1.0 in {two}"
    expected.append(("error", "mic-cli", message, fix.format("mic-cli")))
    assert found_by(installed_twice, site, another_site) == expected


def test_targets_are_those_of_the_family_s_groups(site: Any) -> None:
    site.add("mic-a", entry_points="[mic.cache]\nx = a:b\n[other]\ny = c:d\n[mic.a.b]\nz = e:f\n")
    assert list(targets_of(scan([str(site.folder)]))) == [("mic-a", "mic.cache: x", "a:b")]
