from typing import Any

import httpx

from {{ cookiecutter.__package_name }}.application import build_app
from {{ cookiecutter.__package_name }}.settings import Settings


async def test_the_app_opens_and_closes_its_own_storage(settings: Settings) -> None:
    app: Any = build_app(settings)
    messages = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])
    sent: list[str] = []

    async def receive() -> dict[str, str]:
        return next(messages)

    async def send(message: dict[str, str]) -> None:
        sent.append(message["type"])

    await app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, receive, send)
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


async def test_an_unknown_path_is_a_problem(client: httpx.AsyncClient) -> None:
    response = await client.get("/nowhere")
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["code"] == "http.not_found"


async def test_every_answer_has_its_ids_and_security_headers(client: httpx.AsyncClient) -> None:
    response = await client.get("/health", headers={"x-correlation-id": "abc"})
    assert response.headers["x-correlation-id"] == "abc"
    assert response.headers["x-content-type-options"] == "nosniff"
