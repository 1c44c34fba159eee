from __future__ import annotations

import httpx

from mic.client._cookies import NoCookies


def test_no_cookie_is_kept() -> None:
    seen: list[str] = []

    def answered(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers.get("cookie", ""))
        return httpx.Response(200, headers={"set-cookie": "a=1"})

    with httpx.Client(transport=httpx.MockTransport(answered), cookies=NoCookies()) as client:
        assert client.get("http://stock.example/").cookies == {"a": "1"}
        client.cookies.set("b", "2")
        client.get("http://stock.example/")
    assert seen == ["", ""]
