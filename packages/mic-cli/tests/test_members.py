"""The installed distributions of the family."""

from __future__ import annotations

from typing import Any

import pytest

from mic.cli._family import FAMILY
from mic.cli._installed import scan
from mic.cli._members import members_of


def members(*sites: Any) -> dict[str, tuple[str, str | None, tuple[str, ...], str]]:
    found = members_of(scan([str(site.folder) for site in sites]))
    return {each.name: (each.version, each.expected, each.portions, each.status) for each in found}


def test_without_the_meta_distribution_mic_cli_says_what_is_expected(site: Any) -> None:
    site.add("mic-cli", "1.2.0")
    site.add("mic-cache", "1.1.0")
    site.add("mic-core", "1.2.0")
    site.add("other", "9.0")
    found = members(site)
    assert list(found) == ["mic-cache", "mic-cli", "mic-core"]
    assert found["mic-cache"] == ("1.1.0", "1.2.0", ("mic.cache",), "mismatch")
    assert found["mic-core"] == ("1.2.0", "1.2.0", FAMILY["mic-core"], "ok")


def test_the_meta_distribution_s_pins_win(site: Any) -> None:
    site.add("mic-cli", "1.2.0")
    site.add("mic-cache", "1.1.0")
    site.add("mic-auth", "1.2.0")
    site.add(
        "mic-struct",
        "1.1.0",
        requires=[
            "mic-core==1.1.0",
            'mic-cache==1.1.0; extra == "cache"',
            'Mic_CLI[x] (==1.1.0) ; extra == "cli"',
            'other==3; extra == "x"',
            "mic-loose>=1",
        ],
    )
    found = members(site)
    assert found["mic-cache"][1:] == ("1.1.0", ("mic.cache",), "ok")
    assert found["mic-cli"][1:] == ("1.1.0", ("mic.cli",), "mismatch")
    assert found["mic-auth"][1:] == ("1.2.0", ("mic.auth",), "ok")
    assert found["mic-struct"] == ("1.1.0", "1.1.0", (), "ok")


def test_an_old_monolith_pins_nothing_and_differs(site: Any) -> None:
    site.add("mic-cli", "1.0.0")
    site.add(
        "mic-struct", "0.0.4", requires=["pydantic"], record=["mic/__init__.py", "mic/auth/x.py"]
    )
    assert members(site)["mic-struct"] == ("0.0.4", "1.0.0", ("mic.auth",), "mismatch")


def test_without_mic_cli_everything_is_what_it_is(site: Any) -> None:
    site.add("mic-cache", "1.1.0")
    assert members(site)["mic-cache"][1:] == ("1.1.0", ("mic.cache",), "ok")


def test_a_third_party_that_owns_a_portion_is_foreign(site: Any) -> None:
    record = [
        "mic/cache_acme/__init__.py",
        "mic/cache_acme/x.py",
        "mic/__pycache__/a.pyc",
        "mic/y.py",
    ]
    site.add("acme-cache", "0.3", record=record)
    assert members(site) == {"acme-cache": ("0.3", None, ("mic.cache_acme",), "foreign")}


@pytest.mark.parametrize(
    ("line", "portions"),
    [
        ("{source}\n", ("mic.acme",)),
        ("../another\n", ("mic.acme",)),
        ("../site\n{source}\n../site/mic\n", ("mic.acme", "mic.of_another")),
        ("# text\nimport sys\n\n{source}/missing\n\0\n {source} \n", ("mic.acme",)),
        ("#" * 65536 + "\n{source}\n", None),
        ("\n", None),
    ],
)
def test_an_editable_third_party_is_foreign_too(
    site: Any, another_site: Any, line: str, portions: tuple[str, ...] | None
) -> None:
    (another_site.folder / "mic" / "acme").mkdir(parents=True)
    (another_site.folder / "mic" / "file.py").write_text("")
    (site.folder / "mic" / "of_another").mkdir(parents=True)
    site.add(
        "acme", files={"acme.pth": line.format(source=another_site.folder)}, record=["missing.pth"]
    )
    found = members(site)
    assert found == ({"acme": ("1.0.0", None, portions, "foreign")} if portions else {})


def test_a_path_file_that_is_not_text_names_nothing(site: Any) -> None:
    site.add("acme", record=["acme.pth"])
    (site.folder / "acme.pth").write_bytes(b"\xff\n")
    assert members(site) == {}


def test_a_member_knows_where_it_is(site: Any) -> None:
    site.add("acme", record=["mic/acme/__init__.py"])
    (member,) = members_of(scan([str(site.folder)]))
    assert member.installed.headers("Name") == ["acme"]
