"""A generated service: bake it, install it from wheels, run its gate, start and stop it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tools.demo.steps import DemoError, run
from tools.uv import find_uv

_START_SECONDS = 20.0
_STOP_SECONDS = 35.0


@dataclass(frozen=True, slots=True)
class Service:
    """A generated service.

    Attributes:
        folder: Where it was generated.
        package: Its import package.
        wheels: Folder with the family's wheels that it installs from.
    """

    folder: Path
    package: str
    wheels: Path

    @property
    def environment(self) -> dict[str, str]:
        """What its Makefile needs to find: the wheels, uv, and the Python that runs this."""
        programs = os.pathsep.join([str(find_uv().parent), os.environ.get("PATH", "")])
        return {"MIC_WHEELS": str(self.wheels), "PYTHON": sys.executable, "PATH": programs}

    @property
    def python(self) -> Path:
        """The interpreter that it is installed for."""
        return self.folder / ".venv" / "bin" / "python"

    def make(self, target: str) -> str:
        """Run a target of its Makefile."""
        return run(["make", "--silent", target], folder=self.folder, env=self.environment)


def bake(
    template: Path,
    into: Path,
    *,
    name: str,
    framework: str,
    description: str = "Shows what the template gives",
    **extra: str,
) -> Path:
    """Generate a service, as cookiecutter's command line does.

    Raises:
        DemoError: An answer is bad, or the template is.
    """
    answers = {
        "service_name": name,
        "service_description": description,
        "http_framework": framework,
        **extra,
    }
    run(
        [
            sys.executable,
            "-m",
            "cookiecutter",
            "--no-input",
            "--output-dir",
            str(into),
            str(template.resolve()),
            *(f"{key}={verbatim(value)}" for key, value in answers.items()),
        ],
        folder=into,
        env={"COOKIECUTTER_CONFIG": os.devnull},
    )
    return into / name


def verbatim(answer: str) -> str:
    """An answer to the letter: on its command line cookiecutter would render `{{ ... }}` in it."""
    if "{" not in answer:
        return answer
    return "{{ " + repr(answer) + " }}"


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(service: Service) -> Iterator[str]:
    """The service as a process of its own; gives its base URL.

    Raises:
        DemoError: It does not answer, or does not end when told to.
    """
    port = free_port()
    log = service.folder / "serve.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(service.python), "-m", f"{service.package}.main", "serve"],
            cwd=service.folder,
            env={**os.environ, **service.environment, "PORT": str(port)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        _await_answer(url, process, log)
        yield url
        process.send_signal(signal.SIGTERM)
        code = process.wait(_STOP_SECONDS)
        if code not in (0, -signal.SIGTERM):
            raise DemoError(f"the service ended with {code}:\n{log.read_text()}")
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _await_answer(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise DemoError(f"the service did not start:\n{log.read_text()}")
        try:
            if httpx.get(f"{url}/health").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise DemoError(f"the service did not answer within {_START_SECONDS:.0f} s:\n{log.read_text()}")
