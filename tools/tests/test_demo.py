from __future__ import annotations

import sys
from pathlib import Path

import httpx
import pytest

from tools.demo.__main__ import build_wheels, main
from tools.demo.drive import checks, expect
from tools.demo.service import Service, free_port, verbatim
from tools.demo.steps import DemoError, fail, run, step
from tools.workspace import ROOT


def test_a_step_says_its_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    with step("build"):
        pass
    assert capsys.readouterr().out.strip().endswith(" s")


def test_a_failing_step_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KeyError, match="x"), step("build"):
        raise KeyError("x")
    assert capsys.readouterr().out.strip().endswith("failed")


def test_a_failing_command_shows_the_end_of_its_output(tmp_path: Path) -> None:
    assert run([sys.executable, "-c", "print('fine')"], folder=tmp_path) == "fine\n"
    with pytest.raises(DemoError, match=r"ended with 3\nlast words"):
        run([sys.executable, "-c", "print('last words'); exit(3)"], folder=tmp_path)


def test_failure_is_an_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert fail("why") == 1
    assert "demo: why" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("answer", "given"), [("plain", "plain"), ("{{ 7*7 }}", "{{ '{{ 7*7 }}' }}")]
)
def test_answers_are_given_to_the_letter(answer: str, given: str) -> None:
    assert verbatim(answer) == given


def test_a_port_is_free() -> None:
    assert 0 < free_port() < 65536


def answering(status: int, body: object) -> httpx.Client:
    transport = httpx.MockTransport(lambda request: httpx.Response(status, json=body))
    return httpx.Client(base_url="http://demo", transport=transport)


def test_an_answer_is_checked_by_status_and_code() -> None:
    with answering(404, {"code": "items.not_found"}) as client:
        reply = client.get("/items/1")
    assert expect(reply, 404, "items.not_found") == {"code": "items.not_found"}
    with pytest.raises(DemoError, match=r"GET http://demo/items/1: expected 200 , got 404"):
        expect(reply, 200)
    with pytest.raises(DemoError, match=r"expected 404 other, got 404"):
        expect(reply, 404, "other")


def test_a_service_that_answers_anything_passes_no_check() -> None:
    with answering(418, {"code": "teapot"}) as client:
        for title, check in checks(client):
            with pytest.raises((DemoError, KeyError), match=r"got 418|url"):
                check()
            assert title


def test_a_service_knows_its_tools(tmp_path: Path) -> None:
    service = Service(tmp_path, "demo", tmp_path / "wheels")
    environment = service.environment
    assert environment["MIC_WHEELS"] == str(tmp_path / "wheels")
    assert environment["PYTHON"] == sys.executable


def test_wheels_stand_in_a_folder_named_by_their_contents(tmp_path: Path) -> None:
    (tmp_path / "1").mkdir()
    (tmp_path / "2").mkdir()
    first, second = (build_wheels(ROOT, tmp_path / number) for number in "12")
    assert first.name == second.name
    assert any(path.name.startswith("mic_core-") for path in first.iterdir())


def test_an_unknown_framework_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--framework", "flask"])
    assert "invalid choice: 'flask'" in capsys.readouterr().err
