from __future__ import annotations

from mic.http import HttpMethod, HttpRequestContext, HttpRouteSpec
from mic.testing import ClientOptions, RouteClient

_METHODS: tuple[HttpMethod, ...] = ("GET", "POST", "PUT", "PATCH", "DELETE")


def _seen(context: HttpRequestContext) -> list[str | None]:
    return [context.method, context.scheme, context.header("x-all"), context.client_host]


_ROUTES = [HttpRouteSpec(method, "/method", method, "demo", _seen) for method in _METHODS]


def test_every_verb_is_its_method() -> None:
    with RouteClient(_ROUTES) as client:
        verbs = [client.get, client.post, client.put, client.patch, client.delete]
        assert [verb("/method").json()[0] for verb in verbs] == list(_METHODS)
        assert client.head("/method").body == b""
        assert client.options("/method").status_code == 204
        assert client.request("GET", "/method").json()[0] == "GET"


def test_the_settings_hold_for_every_request() -> None:
    settings = ClientOptions(
        headers={"x-all": "1"}, scheme="https", client=("10.0.0.1", 1), root_path="/mount"
    )
    with RouteClient(_ROUTES, settings=settings) as client:
        assert client.get("/method").json() == ["GET", "https", "1", "10.0.0.1"]


def test_the_settings_make_the_request() -> None:
    request = ClientOptions(http_version="2", extensions={"x": {}}).build("GET", "/a", {})
    assert request.scope["http_version"] == "2"
    assert request.scope["extensions"] == {"x": {}}
