"""OPA, or our stand-in that evaluates real Rego."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mic.testing.servers._asgi_recipe import HttpRecipe
from mic.testing.servers._ports import LOOPBACK


class OpaRecipe(HttpRecipe):
    """The Data and Policy API."""

    name = "opa"
    variable = "MIC_TEST_OPA_URL"
    advice = "mic-testing[opa], or put opa on PATH"
    program = "opa"
    module = "opa"
    packages = ("regopy", "uvicorn")
    product = "OPA"
    stand_in = "mic-testing's OPA stand-in (Rego by regopy)"

    def real_command(self, program: Path, ports: Sequence[int]) -> list[str]:
        """Without asking home for news."""
        return [
            *(str(program), "run", "--server", "--disable-telemetry"),
            *("--addr", f"{LOOPBACK}:{ports[0]}"),
        ]
