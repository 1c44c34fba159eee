"""OpenFGA, or our fake."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mic.testing.servers._asgi_recipe import HttpRecipe
from mic.testing.servers._ports import LOOPBACK


class OpenFgaRecipe(HttpRecipe):
    """Stores, models, Write, Check, BatchCheck and ListObjects."""

    name = "openfga"
    variable = "MIC_TEST_OPENFGA_URL"
    advice = "mic-testing[openfga], or put openfga on PATH"
    program = "openfga"
    module = "openfga"
    packages = ("uvicorn",)
    health = "/healthz"
    product = "OpenFGA"
    stand_in = "mic-testing's OpenFGA fake"
    port_count = 2

    def real_command(self, program: Path, ports: Sequence[int]) -> list[str]:
        """In memory; the second port is for gRPC, which HTTP goes through."""
        return [
            *(str(program), "run", "--datastore-engine", "memory"),
            *("--http-addr", f"{LOOPBACK}:{ports[0]}", "--grpc-addr", f"{LOOPBACK}:{ports[1]}"),
            *("--playground-enabled=false", "--metrics-enabled=false"),
        ]
