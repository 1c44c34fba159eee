"""`python -m tools.demo --framework fastapi`: generate, install, gate, start, drive."""

from __future__ import annotations

import argparse
import hashlib
import shutil
import sys
import time
from pathlib import Path

import httpx

from tools.build import build_all
from tools.demo.drive import checks
from tools.demo.service import Service, bake, running
from tools.demo.steps import DemoError, fail, step
from tools.workspace import ROOT, load_workspace

NAME = "demo-service"


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Show the main job; 0 when everything was as it should be."""
    parser = argparse.ArgumentParser(prog="python -m tools.demo", description=__doc__)
    parser.add_argument("--framework", choices=["fastapi", "litestar"], default="fastapi")
    framework = parser.parse_args(arguments).framework
    started = time.monotonic()
    print(f"A service on {framework}, from three answers, on embedded defaults:")
    try:
        service = show(root, framework)
    except DemoError as error:
        return fail(str(error))
    print(
        f"done in {time.monotonic() - started:.0f} s; the service is in {service.folder}:"
        f" cd '{service.folder}' && make run"
    )
    return 0


def show(root: Path, framework: str) -> Service:
    """Do every step.

    Raises:
        DemoError: At the first thing that is not as it should be.
    """
    place = root / "build" / "demo" / framework
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    with step("build every wheel"):
        wheels = build_wheels(root, place)
    with step("generate the service"):
        folder = bake(root / "template", place, name=NAME, framework=framework)
    service = Service(folder, NAME.replace("-", "_"), wheels)
    with step("install it from those wheels (make bootstrap-dev)"):
        service.make("bootstrap-dev")
    with step("run its gate (make gate)"):
        service.make("gate")
    with step("migrate its database (make migrate)"):
        service.make("migrate")
    with step("make a token for its callers (make token)"):
        headers = {"authorization": f"Bearer {service.make('token').strip()}"}
    with running(service) as url, httpx.Client(base_url=url, headers=headers) as client:
        print(f"  it answers on {url}")
        for title, check in checks(client):
            with step(f"  {title}"):
                check()
    return service


def build_wheels(root: Path, place: Path) -> Path:
    """Build every wheel into a folder named by what is in it.

    uv remembers a wheel by the place where it found it: the same place with other contents would
    give the old wheel again.
    """
    fresh = place / "wheels"
    built = build_all(load_workspace(root), fresh, sdists=False)
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in built)).hexdigest()[:16]
    return fresh.rename(place / f"wheels-{digest}")


if __name__ == "__main__":
    sys.exit(main())
