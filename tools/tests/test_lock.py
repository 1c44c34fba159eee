"""The locked list: written, compared, free of addresses."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tools import lock
from tools.lock import resolve_aside
from tools.requirements import LOCK, pins_of
from tools.workspace import Workspace

_FAKE_UV = """\
#!/bin/sh
case "$1" in
  lock) cat packages/*/pyproject.toml > uv.lock ;;
  export) printf 'a==1 \\\\\\n    --hash=sha256:0\\n'; grep -h '^b==' uv.lock || true ;;
esac
"""


@pytest.fixture
def checkout(tree: Any, tmp_path_factory: pytest.TempPathFactory, monkeypatch: Any) -> Any:
    program = tmp_path_factory.mktemp("bin") / "uv"
    program.write_text(_FAKE_UV, encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setattr(lock, "find_uv", lambda _root: program)
    tree.write("packages/mic-a/pyproject.toml", "b==2\n")
    return tree


def test_the_list_is_written_and_then_compares_equal(
    checkout: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lock.main([], root=checkout.root) == 0
    assert checkout.read(LOCK) == "a==1 \\\n    --hash=sha256:0\nb==2\n"
    assert lock.main(["--check"], root=checkout.root) == 0
    assert capsys.readouterr().out.endswith(f"{LOCK}: 2 packages, as the manifests resolve\n")
    assert lock.main([], root=checkout.root) == 0
    assert capsys.readouterr().out == f"{LOCK}: 2 packages, as before\n"


def test_a_changed_manifest_differs_and_the_check_writes_nothing(
    checkout: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    lock.main([], root=checkout.root)
    (checkout.root / "uv.lock").unlink()
    checkout.write("packages/mic-a/pyproject.toml", "b==3\n")
    assert lock.main(["--check"], root=checkout.root) == 1
    captured = capsys.readouterr()
    assert "-b==2\n+b==3" in captured.out
    assert "run `make lock`" in captured.err
    assert not (checkout.root / "uv.lock").exists()
    assert "b==2" in checkout.read(LOCK)


def test_without_uv_it_says_so(
    checkout: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(lock, "find_uv", lambda _root: Path("/bin/false"))
    assert lock.main([], root=checkout.root) == 2
    assert "returned non-zero exit status 1" in capsys.readouterr().err


def test_the_copy_holds_the_manifests_alone(checkout: Any) -> None:
    checkout.write("secret.txt")
    uv = checkout.root / "uv"
    uv.write_text("#!/bin/sh\nfind . -type f | sort\n", encoding="utf-8")
    uv.chmod(0o755)
    listed = resolve_aside(checkout.root, uv=uv).splitlines()
    assert listed == ["./packages/mic-a/pyproject.toml", "./pyproject.toml"]


def test_the_committed_list_has_versions_and_hashes_and_nothing_else(
    repository: Workspace,
) -> None:
    text = (repository.root / LOCK).read_text(encoding="utf-8")
    pins = pins_of(text)
    assert len(pins) > 50
    pin = re.compile(r"[a-z0-9-]+(\[[a-z,]+\])?==[^ /]+( ; [^/\\]+)?( \\)?")
    digest = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")
    for line in text.splitlines():
        assert pin.fullmatch(line) or digest.fullmatch(line)
