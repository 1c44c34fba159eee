"""Where a token may go, and where not."""

from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import httpx
import pytest

from mic.client import AsyncServiceHttpClient, UpstreamResponseError
from mic.model import DomainError
from mic.testing import FakeSigner, ScriptedHttpServer
from mic.testing.scripted_http import reply

Opened = Callable[..., Coroutine[Any, Any, AsyncServiceHttpClient]]


@pytest.fixture
def evil() -> Iterator[ScriptedHttpServer]:
    with ScriptedHttpServer() as scripted:
        yield scripted


@pytest.fixture
async def client(server: ScriptedHttpServer, opened: Opened) -> AsyncServiceHttpClient:
    return await opened(f"{server.url}/v1/", ours=False, timeout_seconds=20)


FOREIGN = [
    "{evil}/v1/items",
    "{evil}",
    "//127.0.0.1:{evil_port}/v1/items",
    "///127.0.0.1:{evil_port}/v1",
    "http://127.0.0.1:{port}@127.0.0.1:{evil_port}/v1",
    "http://user@127.0.0.1:{port}/v1",
    "http://user:password@127.0.0.1:{port}/v1",
    "https://127.0.0.1:{port}/v1/items",
    "http://127.0.0.1/v1/items",
    "http://localhost:{port}/v1/items",
    "http:\\\\127.0.0.1:{evil_port}\\v1",
    "\\\\127.0.0.1:{evil_port}\\v1",
    "/\\127.0.0.1:{evil_port}/v1",
    "items\\..\\..\\admin",
    "../admin",
    "/../admin",
    "items/../../admin",
    "%2e%2e/admin",
    "%2E%2e/admin",
    ".%2e/admin",
    "items/%2E%2E%2f%2e%2e%2fadmin",
    "..%2fadmin",
    "..%5cadmin",
    "{base}",
    "{base}/",
    "{base}/v1x",
    "{base}/v1/../admin",
    "{base}/admin",
]


@pytest.mark.parametrize("url", FOREIGN)
async def test_a_foreign_url_gets_neither_request_nor_token(
    client: AsyncServiceHttpClient,
    server: ScriptedHttpServer,
    evil: ScriptedHttpServer,
    signer: FakeSigner,
    url: str,
) -> None:
    text = url.format(evil=evil.url, evil_port=evil.port, port=server.port, base=server.url)
    with pytest.raises(DomainError, match="not below the base URL") as caught:
        await client.get(text)
    assert (caught.value.code, caught.value.http_status_code) == ("client.foreign_origin", 400)
    assert text not in str(caught.value)
    assert (evil.requests, server.requests, len(signer.asked)) == ([], [], 0)


@pytest.mark.parametrize(
    "url",
    ["ftp://127.0.0.1/v1", "file:///etc/passwd", "mailto:a", "items:1", "http://a:b/", "a\x00b"],
)
async def test_what_is_no_url_of_http(
    client: AsyncServiceHttpClient, server: ScriptedHttpServer, signer: FakeSigner, url: str
) -> None:
    with pytest.raises(DomainError, match="the request has a") as caught:
        await client.get(url)
    assert caught.value.code == "client.invalid_request"
    assert (server.requests, len(signer.asked)) == ([], 0)
    with pytest.raises(TypeError, match="a URL must be a text"):
        await client.get(b"/items")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("", "/v1"),
        ("?a=1", "/v1?a=1"),
        ("items", "/v1/items"),
        ("/items", "/v1/items"),
        ("items/", "/v1/items/"),
        ("items/a/../b", "/v1/items/b"),
        ("items/a%2Fb%5Cc", "/v1/items/a%2Fb%5Cc"),
        ("items/..a/b..", "/v1/items/..a/b.."),
        ("items?to=http://evil/../..", "/v1/items?to=http://evil/../.."),
        ("{base}/v1", "/v1"),
        ("{base}/v1/items#part", "/v1/items"),
        ("HTTP://127.0.0.1:{port}/v1/items", "/v1/items"),
        ("//127.0.0.1:{port}/v1/items", "/v1/items"),
    ],
)
async def test_urls_below_the_base(
    client: AsyncServiceHttpClient, server: ScriptedHttpServer, url: str, target: str
) -> None:
    await client.get(url.format(base=server.url, port=server.port))
    await client.get(httpx.URL(url.format(base=server.url, port=server.port)))
    assert [each.target for each in server.requests] == [target] * 2


async def test_redirects_stay_below_the_base(
    client: AsyncServiceHttpClient, server: ScriptedHttpServer
) -> None:
    server.script(
        reply(302, headers={"location": "/v1/b"}),
        reply(307, headers={"location": "c?d=1"}),
        reply(200, b"here"),
    )
    answer = await client.get("a", follow_redirects=True)
    assert answer.content == b"here"
    assert [each.target for each in server.requests] == ["/v1/a", "/v1/b", "/v1/c?d=1"]
    tokens = {each.headers["authorization"] for each in server.requests}
    assert tokens == {"Bearer fake-token.stock.nobody"}


@pytest.mark.parametrize(
    "location",
    [
        "{evil}/v1/items",
        "//127.0.0.1:{evil_port}/v1",
        "http://127.0.0.1:{port}@127.0.0.1:{evil_port}/v1",
        "http://user@127.0.0.1:{port}/v1/a",
        "../admin",
        "/admin",
        "/v1/%2e%2e/admin",
        "/v1/..%5cadmin",
        "/v1\\..\\admin",
    ],
)
async def test_a_redirect_elsewhere_is_refused(
    client: AsyncServiceHttpClient,
    server: ScriptedHttpServer,
    evil: ScriptedHttpServer,
    location: str,
) -> None:
    to = location.format(evil=evil.url, evil_port=evil.port, port=server.port)
    server.script(
        reply(302, headers={"location": "/v1/b"}), reply(302, headers={"location": to}), reply()
    )
    with pytest.raises(DomainError, match="not below the base URL") as caught:
        await client.get("a", follow_redirects=True)
    assert caught.value.code == "client.foreign_origin"
    assert evil.requests == []
    assert [each.target for each in server.requests] == ["/v1/a", "/v1/b"]
    assert (await client.get("a")).status_code == 200


async def test_redirects_have_an_end(
    client: AsyncServiceHttpClient, server: ScriptedHttpServer
) -> None:
    server.script(*[reply(302, headers={"location": "/v1/a"})] * 5, reply(200, b"here"))
    assert (await client.get("a", follow_redirects=True)).content == b"here"
    server.script(reply(302, headers={"location": "/v1/a"}))
    with pytest.raises(UpstreamResponseError, match="redirects too often"):
        await client.get("a", follow_redirects=True)
    assert len(server.requests) == 6 + 6


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_only_get_and_head_follow(
    client: AsyncServiceHttpClient, server: ScriptedHttpServer, method: str
) -> None:
    server.script(reply(307, headers={"location": "/v1/b"}), reply())
    answer = await client.request(method, "a", follow_redirects=True)
    assert (answer.status_code, len(server.requests)) == (307, 1)


async def test_a_malformed_redirect(
    client: AsyncServiceHttpClient, server: ScriptedHttpServer
) -> None:
    server.script(reply(302, headers={"location": "http://secret:secret/"}))
    with pytest.raises(DomainError, match="the upstream service") as caught:
        await client.get("a", follow_redirects=True)
    assert "secret" not in f"{caught.value!r}{caught.value.__cause__!r}"
