"""`MODULE:ATTR`: what is named, imported."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import pytest

from mic.cli._targets import add_target, load, target
from mic.model import ConfigurationError

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def arguments(on_path: Any) -> Any:
    """Parses a target whose modules lie in the site."""

    def parse(text: str) -> argparse.Namespace:
        parser = argparse.ArgumentParser()
        add_target(parser, "it")
        return parser.parse_args([text, "--app-dir", str(on_path.folder)])

    return parse


@pytest.mark.parametrize("text", ["a:b", "a.b:c", "a.b_1:C.d", "_a:_b", "é:ü"])
def test_a_target_that_may_be(text: str) -> None:
    assert target(text) == text


@pytest.mark.parametrize(
    "text", ["", "a", "a:", ":b", "a:b:c", "a b:c", "1a:b", "a..b:c", "a:b()", "../a:b", "a:b\n"]
)
def test_a_target_that_cannot_be(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is not MODULE:ATTR, such as"):
        target(text)


def test_the_folder_goes_first_and_once(arguments: Any, on_path: Any) -> None:
    on_path.add("x", files={"tgt_one.py": "class A:\n    b = 1\n"})
    sys.path.remove(str(on_path.folder))
    for _ in range(2):
        assert load(arguments("tgt_one:A.b"), quiet=False) == 1
        assert sys.path[0] == str(on_path.folder)
    assert sys.path.count(str(on_path.folder)) == 1


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("raise ValueError('a secret')", "ValueError"),
        ("raise SystemExit('a secret')", "SystemExit"),
        ("import not_there_at_all", "ModuleNotFoundError"),
        ("syntax error", "SyntaxError"),
        ("x = 1", "AttributeError"),
    ],
)
def test_a_module_that_fails_is_named_with_the_kind_of_error(
    source: str, kind: str, arguments: Any, on_path: Any
) -> None:
    on_path.add("x", files={"tgt_bad.py": source})
    with pytest.raises(ConfigurationError, match=f"^tgt_bad:X cannot be loaded: {kind}$"):
        load(arguments("tgt_bad:X"), quiet=False)


def test_an_error_of_the_domain_speaks_for_itself(arguments: Any, on_path: Any) -> None:
    source = "from mic.model import ConfigurationError\nraise ConfigurationError(message='Set A.')"
    on_path.add("x", files={"tgt_domain.py": source})
    with pytest.raises(ConfigurationError, match=r"^Set A\.$"):
        load(arguments("tgt_domain:X"), quiet=False)


@pytest.mark.parametrize(("quiet", "said"), [(False, "noise\n"), (True, "")])
def test_what_a_module_prints_is_no_result(
    quiet: bool, said: str, arguments: Any, on_path: Any, capsys: Captured
) -> None:
    on_path.add("x", files={"tgt_loud.py": "print('noise')\nX = 1\n"})
    assert load(arguments("tgt_loud:X"), quiet=quiet) == 1
    assert capsys.readouterr() == ("", said)


def test_the_current_folder_is_the_default() -> None:
    parser = argparse.ArgumentParser()
    add_target(parser, "it")
    assert Path(parser.parse_args(["a:b"]).app_dir) == Path()
