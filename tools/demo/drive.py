"""The requests that show a generated service at work, over real HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx

from tools.demo.steps import DemoError

Check = tuple[str, Callable[[], None]]


def expect(response: httpx.Response, status: int, code: str | None = None) -> Any:
    """Check an answer and give its JSON, `None` without a body.

    Raises:
        DemoError: Another status or code.
    """
    body = response.json() if response.content else None
    seen = body.get("code") if isinstance(body, dict) else None
    if response.status_code != status or (code is not None and seen != code):
        asked = f"{response.request.method} {response.request.url}"
        raise DemoError(
            f"{asked}: expected {status} {code or ''}, got {response.status_code} {body}"
        )
    return body


def checks(client: httpx.Client) -> Iterator[Check]:
    """The steps, each with what it checks; later ones use what earlier ones made."""
    made: dict[str, str] = {}

    def strangers() -> None:
        for authorization in ("", "Bearer x.y.z"):
            answer = client.get("/items", headers={"authorization": authorization})
            expect(answer, 401)
            if not answer.headers.get("www-authenticate", "").startswith("Bearer"):
                raise DemoError("GET /items: a 401 without a Bearer challenge")

    def create() -> None:
        response = client.post("/items", json={"name": "nail", "quantity": 3})
        expect(response, 201)
        made.update(url=response.headers["location"], etag=response.headers["etag"])

    def read() -> None:
        body = expect(client.get(made["url"]), 200)
        if body["data"]["name"] != "nail":
            raise DemoError(f"GET {made['url']}: another item came back: {body}")
        expect(client.get(made["url"], headers={"if-none-match": made["etag"]}), 304)

    def list_pages() -> None:
        for name in ("screw", "bolt"):
            expect(client.post("/items", json={"name": name}), 201)
        first = expect(client.get("/items", params={"limit": 2}), 200)
        rest = expect(client.get("/items", params={"after": first["meta"]["next_cursor"]}), 200)
        names = [item["name"] for item in (*first["data"], *rest["data"])]
        if names != ["nail", "screw", "bolt"]:
            raise DemoError(f"GET /items: expected nail, screw, bolt on two pages, got {names}")

    def update() -> None:
        change = {"name": "nail", "quantity": 7}
        expect(client.put(made["url"], json=change), 428)
        expect(client.put(made["url"], json=change, headers={"if-match": made["etag"]}), 200)

    def conflict() -> None:
        late = {"name": "nail", "quantity": 8}
        answer = client.put(made["url"], json=late, headers={"if-match": made["etag"]})
        expect(answer, 412)
        expect(client.post("/items", json={"name": "nail"}), 409, "items.name_taken")

    def bad_input() -> None:
        expect(client.post("/items", json={"name": "x", "colour": 1}), 400, "http.validation_error")
        expect(client.post("/items", content=b"{"), 415, "http.unsupported_media_type")
        expect(client.get("/nowhere"), 404, "http.not_found")

    def delete() -> None:
        expect(client.delete(made["url"]), 204)
        expect(client.get(made["url"]), 404, "items.not_found")

    def health() -> None:
        expect(client.get("/health"), 200)

    yield "strangers: 401 without a token, and with a bad one", strangers
    yield "create: 201 with Location and ETag", create
    yield "read: 200, and 304 to whom knows it", read
    yield "list: two pages by cursor", list_pages
    yield "update: 428 without If-Match, 200 with it", update
    yield "conflict: 412 for the late one, 409 for a taken name", conflict
    yield "bad input: 400, 415, 404, each a problem document", bad_input
    yield "delete: 204, then 404", delete
    yield "health: 200", health
