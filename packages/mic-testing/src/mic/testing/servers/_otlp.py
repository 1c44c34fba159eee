"""A collector of OTLP/HTTP that keeps what it got."""

from __future__ import annotations

from mic.testing.servers._asgi_recipe import HttpRecipe


class OtlpRecipe(HttpRecipe):
    """Traces, metrics and logs, as protobuf."""

    name = "otlp"
    advice = "mic-testing[otlp]"
    module = "otlp"
    packages = ("opentelemetry.proto", "google.protobuf", "uvicorn")
    product = "an OTLP collector"
    stand_in = "mic-testing's OTLP collector"
