from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import Field

from mic.contracts import StrictSchema
from mic.http._auth_mode import AuthMode
from mic.http.asgi import build_asgi_app
from mic.http.authenticators import bearer_authenticator
from mic.http.options import HttpOptions
from mic.http.params import Cookie, File, Form, Header, Query, UploadedFile
from mic.http.principal import Principal
from mic.http.request_context import HttpRequestContext

FORM = [("content-type", "application/x-www-form-urlencoded")]
MULTIPART = [("content-type", "multipart/form-data; boundary=b")]


class Filters(StrictSchema):
    name: str = "none"
    tags: list[str] = Field(default=[])


@dataclass
class Title:
    title: str
    many: tuple[int, ...] = ()


async def scalars(  # type: ignore[no-untyped-def]  # an argument without annotation is raw text
    item_id: int,
    day: date,
    flag: bool = False,
    tags: list[int] = [],  # noqa: B006
    limit: Annotated[int, Query(alias="max"), Field(ge=1)] = 10,
    maybe: float | None = None,
    raw=None,
) -> dict[str, Any]:
    return {
        "id": item_id,
        "day": day,
        "flag": flag,
        "tags": tags,
        "limit": limit,
        "maybe": maybe,
        "raw": raw,
    }


async def lines(
    x_one: Annotated[str, Header()],
    x_many: Annotated[list[str], Header()],
    sid: Annotated[str, Cookie()],
    absent: Annotated[str | None, Cookie()],
) -> list[Any]:
    return [x_one, x_many, sid, absent]


async def filters(filters: Filters) -> dict[str, Any]:
    return filters.model_dump()


async def mapping(values: dict[str, int]) -> dict[str, int]:
    return values


async def form(data: Annotated[Title, Form()]) -> list[Any]:
    return [data.title, data.many]


async def field(title: Annotated[str, Form()], n: Annotated[int | None, Form()]) -> list[Any]:
    return [title, n]


async def upload(
    title: Annotated[str, Form()],
    one: Annotated[UploadedFile | None, File(max_bytes=4)],
    many: list[UploadedFile],
) -> list[Any]:
    return [title, one and (await one.read()).decode(), [(await f.read()).decode() for f in many]]


@pytest.fixture
def app(make_route: Any) -> Any:
    return build_asgi_app(
        routes=[
            make_route(scalars, "GET", "/scalars/{item_id}", name="1"),
            make_route(lines, "GET", "/lines", name="2"),
            make_route(filters, "GET", "/filters", name="3"),
            make_route(mapping, "GET", "/mapping", name="4"),
            make_route(form, "POST", "/form", name="5"),
            make_route(field, "POST", "/field", name="6"),
            make_route(upload, "POST", "/upload", name="7"),
        ],
        options=HttpOptions(max_query_parameters=10),
    )


async def test_values_are_converted(app: Any, call: Any) -> None:
    target = "/scalars/7?day=2026-01-02&flag=true&tags=1&tags=2&max=3&max=4&maybe=1.5&raw=x"
    assert (await call(app, "GET", target)).json() == {
        "id": 7,
        "day": "2026-01-02",
        "flag": True,
        "tags": [1, 2],
        "limit": 4,
        "maybe": 1.5,
        "raw": "x",
    }


async def test_absent_values_take_their_defaults(app: Any, call: Any) -> None:
    body = (await call(app, "GET", "/scalars/7?day=2026-01-02")).json()
    assert (body["flag"], body["tags"], body["limit"], body["maybe"]) == (False, [], 10, None)


async def test_one_answer_lists_every_error_in_order(app: Any, call: Any) -> None:
    reply = await call(app, "GET", "/scalars/x?max=0&tags=a")
    assert [(e["in"], e["pointer"], e["type"]) for e in reply.json()["errors"]] == [
        ("path", "/item_id", "int_parsing"),
        ("query", "/day", "missing"),
        ("query", "/tags/0", "int_parsing"),
        ("query", "/max", "greater_than_equal"),
    ]


async def test_headers_and_cookies(app: Any, call: Any) -> None:
    headers = [
        ("X-One", "a"),
        ("x-one", "b"),
        ("x-many", "1"),
        ("x-many", "2"),
        ("cookie", "sid=old"),
        ("cookie", "sid=new"),
    ]
    assert (await call(app, "GET", "/lines", headers=headers)).json() == [
        "a, b",
        ["1", "2"],
        "new",
        None,
    ]


async def test_missing_headers_and_cookies(app: Any, call: Any) -> None:
    reply = await call(app, "GET", "/lines")
    assert [(e["in"], e["pointer"]) for e in reply.json()["errors"]] == [
        ("header", "/x-one"),
        ("header", "/x-many"),
        ("cookie", "/sid"),
    ]


async def test_a_model_from_the_query(app: Any, call: Any) -> None:
    reply = await call(app, "GET", "/filters?name=a&tags=1&tags=2")
    assert reply.json() == {"name": "a", "tags": ["1", "2"]}
    unknown = await call(app, "GET", "/filters?nmae=a")
    assert unknown.json()["errors"][0]["pointer"] == "/nmae"
    assert (await call(app, "GET", "/mapping?a=1&b=2")).json() == {"a": 1, "b": 2}


async def test_too_many_parameters(app: Any, call: Any) -> None:
    assert (await call(app, "GET", "/mapping?" + "&".join("a=1" for _ in range(10)))).status == 200
    reply = await call(app, "GET", "/mapping?" + "&".join("a=1" for _ in range(11)))
    assert (reply.status, reply.json()["code"]) == (400, "http.too_many_parameters")


async def test_forms(app: Any, call: Any) -> None:
    reply = await call(app, "POST", "/form", headers=FORM, body=b"title=a+b&many=1&many=2")
    assert reply.json() == ["a b", [1, 2]]
    assert (await call(app, "POST", "/field", headers=FORM, body=b"title=t")).json() == ["t", None]
    bad = await call(app, "POST", "/field", headers=FORM, body=b"n=x")
    assert [(e["in"], e["pointer"]) for e in bad.json()["errors"]] == [
        ("form", "/title"),
        ("form", "/n"),
    ]


def part(name: str, content: bytes, filename: str | None = None) -> bytes:
    disposition = f'form-data; name="{name}"' + (f'; filename="{filename}"' if filename else "")
    return f"--b\r\nContent-Disposition: {disposition}\r\n\r\n".encode() + content + b"\r\n"


async def test_uploads(app: Any, call: Any) -> None:
    body = (
        part("title", b"t")
        + part("one", b"1", "1.txt")
        + part("many", b"2", "2.txt")
        + part("many", b"3", "3.txt")
        + b"--b--\r\n"
    )
    reply = await call(app, "POST", "/upload", headers=MULTIPART, body=body)
    assert reply.json() == ["t", "1", ["2", "3"]]


async def test_uploads_that_are_missing_or_too_large(app: Any, call: Any) -> None:
    reply = await call(app, "POST", "/upload", headers=MULTIPART, body=b"--b--\r\n")
    assert [e["pointer"] for e in reply.json()["errors"]] == ["/title", "/many"]
    large = part("one", b"12345", "1") + b"--b--\r\n"
    reply = await call(app, "POST", "/upload", headers=MULTIPART, body=large)
    assert (reply.status, reply.json()["code"]) == (413, "http.payload_too_large")


async def test_context_and_principal_are_injected(make_route: Any, call: Any) -> None:
    async def handler(context: HttpRequestContext, who: Principal) -> list[Any]:
        return [context.method, context.subject_id, who.subject]

    options = HttpOptions(authenticator=bearer_authenticator(lambda token: Principal(token)))
    route = make_route(handler, auth=AuthMode.USER)
    app = build_asgi_app(routes=[route], options=options)
    reply = await call(app, headers=[("authorization", "Bearer ann")])
    assert reply.json() == ["GET", "ann", "ann"]


async def test_nobody_is_made_up_where_the_gate_only_said_yes(make_route: Any, call: Any) -> None:
    from mic.http.auth_gate import build_auth_policy
    from mic.http.middleware import AuthGateMiddleware, MicStack

    async def handler(who: Principal) -> str:
        return who.subject

    def gate(app: Any) -> Any:
        return AuthGateMiddleware(
            app,
            policy=build_auth_policy(route_modes={("GET", "/"): AuthMode.USER}),
            verify_token=lambda token: True,
        )

    app = build_asgi_app(
        routes=[make_route(handler, auth=AuthMode.USER)], stack=MicStack(inner=(gate,))
    )
    reply = await call(app, headers=[("cookie", "access_token=x")])
    assert (reply.status, reply.json()["details"]) == (403, {"reason": "kind"})


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "HEAD", "OPTIONS", "BREW"]),
    path=st.sampled_from(["/scalars/1", "/lines", "/filters", "/form", "/field", "/upload", "/x"]),
    query=st.text(max_size=30),
    headers=st.lists(
        st.tuples(
            st.sampled_from(["cookie", "content-type", "x-one", "x-many", "content-length"]),
            st.text(st.characters(max_codepoint=255, exclude_categories=["Cc"]), max_size=30),
        ),
        max_size=4,
    ),
    body=st.binary(max_size=60),
)
async def test_no_request_makes_a_server_error(
    app: Any, call: Any, method: str, path: str, query: str, headers: Any, body: bytes
) -> None:
    raw = query.encode("utf-8", "replace").decode("latin-1")
    reply = await call(app, method, f"{path}?{raw}", headers=headers, body=body)
    assert reply.status < 500
