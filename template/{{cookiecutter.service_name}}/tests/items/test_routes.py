from typing import Any

import httpx


async def create(client: httpx.AsyncClient, name: str = "nail") -> httpx.Response:
    return await client.post("/items", json={"name": name, "quantity": 3})


async def test_create_says_where_the_item_is(client: httpx.AsyncClient) -> None:
    response = await create(client)
    assert response.status_code == 201
    data = response.json()["data"]
    assert response.headers["location"] == f"/items/{data['id']}"
    assert (data["name"], data["quantity"], data["version"]) == ("nail", 3, 1)


async def test_a_name_is_given_once(client: httpx.AsyncClient) -> None:
    await create(client)
    response = await create(client)
    assert (response.status_code, response.json()["code"]) == (409, "items.name_taken")


async def test_a_bad_payload_is_refused_with_its_pointer(client: httpx.AsyncClient) -> None:
    response = await client.post("/items", json={"name": "nail", "quantity": -1})
    assert response.status_code == 400
    assert [error["pointer"] for error in response.json()["errors"]] == ["/quantity"]


async def test_read_answers_304_to_whom_knows_it(client: httpx.AsyncClient) -> None:
    created = await create(client)
    url = created.headers["location"]
    read = await client.get(url)
    assert (read.status_code, read.json()["data"]) == (200, created.json()["data"])
    again = await client.get(url, headers={"if-none-match": read.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_an_absent_item_is_not_found(client: httpx.AsyncClient) -> None:
    for method in ("GET", "DELETE"):
        response = await client.request(method, "/items/none")
        assert (response.status_code, response.json()["code"]) == (404, "items.not_found")


async def test_pages_hold_every_item_once(client: httpx.AsyncClient) -> None:
    for number in range(5):
        await create(client, f"nail {number}")
    names: list[str] = []
    params: dict[str, Any] = {"limit": 2}
    while True:
        page = (await client.get("/items", params=params)).json()
        names += [item["name"] for item in page["data"]]
        if page["meta"]["next_cursor"] is None:
            break
        params["after"] = page["meta"]["next_cursor"]
    assert names == [f"nail {number}" for number in range(5)]


async def test_a_damaged_cursor_is_refused(client: httpx.AsyncClient) -> None:
    response = await client.get("/items", params={"after": "nonsense"})
    assert (response.status_code, response.json()["code"]) == (400, "storage.invalid_cursor")


async def test_update_needs_what_the_caller_saw(client: httpx.AsyncClient) -> None:
    created = await create(client)
    url, etag = created.headers["location"], created.headers["etag"]
    change = {"name": "screw", "quantity": 4}
    assert (await client.put(url, json=change)).status_code == 428
    updated = await client.put(url, json=change, headers={"if-match": etag})
    assert (updated.status_code, updated.json()["data"]["version"]) == (200, 2)
    late = await client.put(url, json=change, headers={"if-match": etag})
    assert late.status_code == 412


async def test_a_deleted_item_is_gone(client: httpx.AsyncClient) -> None:
    url = (await create(client)).headers["location"]
    deleted = await client.delete(url)
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert (await client.get(url)).status_code == 404
