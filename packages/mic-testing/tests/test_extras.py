import sys
from pathlib import Path

import pytest

from mic.testing._extras import import_extra


def test_what_is_there_is_imported() -> None:
    assert import_extra("json", extra="x", needed_by="it") is sys.modules["json"]


@pytest.mark.parametrize("module", ["absent_package", "absent_package.part"])
def test_what_is_absent_is_told_with_its_extra(module: str) -> None:
    told = r"^helper needs absent_package: install mic-testing\[some\]$"
    with pytest.raises(ImportError, match=told) as caught:
        import_extra(module, extra="some", needed_by="helper")
    assert caught.value.name == "absent_package"


def test_an_error_inside_passes_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken_within.py").write_text("import absent_package\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match=r"^No module named 'absent_package'$"):
        import_extra("broken_within", extra="some", needed_by="helper")


def test_a_module_of_ours_needs_what_it_imports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ours_that_needs.py").write_text("import absent_package.part\n")
    monkeypatch.syspath_prepend(tmp_path)
    told = r"^helper needs absent_package: install mic-testing\[some\]$"
    with pytest.raises(ImportError, match=told):
        import_extra(
            "ours_that_needs", extra="some", needed_by="helper", package="absent_package.part"
        )
