"""The checks of `mic doctor` that import, each in a process of its own."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from mic.cli._installed import scan
from mic.cli._members import members_of
from mic.cli._probes import AT_ONCE, TIMEOUT_SECONDS, Probe, probes_of, run_probes

FILES = {
    "mic/good/__init__.py": "import os\nos.write(1, b'noise')\nclass A:\n    b = from_url = 1\n"
    "from_url = A\n",
    "mic/bad/__init__.py": "raise ValueError('a secret')\n",
    "mic/wants/__init__.py": "import not_there_at_all.inner\n",
    "mic/leaves/__init__.py": "import os\nos._exit(7)\n",
    "mic/exits/__init__.py": "raise SystemExit(0)\n",
    "mic/stays/__init__.py": "import threading\nthreading.Event().wait()\n",
    "third/party.py": "X = 1\n",
}


def findings(site: Any, *probes: Probe, **options: Any) -> list[tuple[str, str, str]]:
    path = [str(site.folder), *sys.path]
    found = run_probes(probes, path=path, **options)
    assert all(each.level == "error" and each.fix for each in found)
    assert "secret" not in str(found)
    return [(each.id, each.subject, each.message) for each in found]


def portion(name: str, **wanted: list[str]) -> Probe:
    return Probe(
        name, True, "mic-x", {key.replace("__", "."): value for key, value in wanted.items()}
    )


def test_d04_portions_that_do_not_import(site: Any) -> None:
    site.add("mic-x", files=FILES)
    names = ["mic.good", "mic.bad", "mic.wants", "mic.leaves", "mic.exits", "mic.absent"]
    assert findings(site, *map(portion, names)) == [
        ("D04", "mic.bad", "does not import: ValueError"),
        ("D04", "mic.wants", "does not import: ModuleNotFoundError of not_there_at_all"),
        ("D04", "mic.leaves", "does not import: its process ended with 7"),
        ("D04", "mic.exits", "does not import: SystemExit"),
        ("D04", "mic.absent", "does not import: ModuleNotFoundError of mic.absent"),
    ]


def test_d04_a_portion_that_takes_too_long(site: Any) -> None:
    site.add("mic-x", files=FILES)
    assert findings(site, portion("mic.stays"), timeout_seconds=1.0) == [
        ("D04", "mic.stays", "does not import: it takes more than 1 s")
    ]
    assert (AT_ONCE, TIMEOUT_SECONDS) == (4, 10.0)


def test_d05_targets_that_are_missing(site: Any) -> None:
    site.add("mic-x", files=FILES)
    found = findings(
        site,
        portion(
            "mic.good", from_url=["mic.x: a"], A__b=["mic.x: b"], gone=["mic.x: c", "mic.x: d"]
        ),
        Probe("third.party", False, "third", {"X": ["mic.x: e"], "": ["mic.x: f"]}),
        Probe("third.absent", False, "third", {"X": ["mic.x: g"]}),
        portion("mic.bad", X=["mic.x: h"]),
    )
    gone = "leads to mic.good:gone of mic-x, which is missing: the module has no such attribute"
    absent = "ModuleNotFoundError of third.absent"
    assert found == [
        ("D05", "mic.x: c", gone),
        ("D05", "mic.x: d", gone),
        (
            "D05",
            "mic.x: g",
            f"leads to third.absent:X of third, which is missing: {absent}",
        ),
        ("D04", "mic.bad", "does not import: ValueError"),
    ]


def test_a_module_is_probed_once(site: Any) -> None:
    site.add("mic-cache")
    site.add("acme", record=["mic/acme/__init__.py"])
    members = members_of(scan([str(site.folder)]))
    targets = [
        ("mic-cache", "mic.x: a", "mic.cache:A"),
        ("acme", "mic.x: b", "mic.cache:A"),
        ("acme", "mic.x: c", "acme.other:C.d"),
        ("acme", "mic.x: d", "acme.other"),
    ]
    assert probes_of(members, targets) == [
        Probe("mic.acme", True, "acme"),
        Probe("mic.cache", True, "mic-cache", {"A": ["mic.x: a", "mic.x: b"]}),
        Probe("acme.other", False, "acme", {"C.d": ["mic.x: c"], "": ["mic.x: d"]}),
    ]


def test_the_path_of_this_process_is_the_default(
    on_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_path.add("third", files={"third_of_path.py": "X = 1\n"})
    assert run_probes([Probe("third_of_path", False, "third", {"X": ["a"]})]) == []


def test_a_module_of_the_current_folder_is_not_taken_for_one_of_the_library(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit(9)\n")
    monkeypatch.chdir(tmp_path)
    assert run_probes([portion("mic.model")]) == []
