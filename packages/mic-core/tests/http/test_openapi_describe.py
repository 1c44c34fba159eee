import functools
import sys
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated, Any, NotRequired
from uuid import UUID

import pytest
from pydantic import AliasChoices, BaseModel, Field
from pydantic.dataclasses import dataclass as pydantic_dataclass
from typing_extensions import TypedDict

from mic.http._openapi_describe import (
    NO_DEFAULT,
    RouteDescription,
    describe_route,
    error_text,
    security_schemes,
    status_phrase,
)
from mic.http.authenticators import (
    api_key_authenticator,
    basic_authenticator,
    bearer_authenticator,
    composite_authenticator,
)
from mic.http.options import HttpOptions
from mic.http.params import Body, Cookie, File, Form, Header, Query, UploadedFile
from mic.http.principal import Principal
from mic.http.request_context import HttpRequestContext
from mic.http.responses import HttpResponseSpec
from mic.http.route_spec import AuthMode, HttpRouteSpec
from mic.http.table import compile_routes
from mic.model import ConflictError, DomainError, NotFoundError

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"


class Item(BaseModel):
    name: str


class ItemMissingError(NotFoundError):
    default_code = "items.missing"


class ShelfMissingError(NotFoundError):
    default_code = "shelves.missing"


class TeapotError(DomainError):
    http_status_code = 418


def describe(
    handler: Any, path: str = "/", *, options: HttpOptions | None = None, **changes: Any
) -> RouteDescription:
    values: dict[str, Any] = {"method": "POST", "path": path, "name": "n", "category": "c"}
    spec = HttpRouteSpec(**(values | changes), handler=handler)
    (route,) = compile_routes([spec], options=options)
    return describe_route(route)


def parameters(handler: Any, path: str = "/", **changes: Any) -> list[tuple[str, str, Any, bool]]:
    return [
        (value.location, value.name, value.annotation, value.required)
        for value in describe(handler, path, **changes).parameters
    ]


def nothing() -> dict[str, int]:
    return {}


class TestTexts:
    def test_of_the_spec(self) -> None:
        description = describe(
            nothing,
            tags=("t", "u"),
            summary="s",
            description="d",
            operation_id="o",
            deprecated=True,
        )
        assert description.tags == ("c", "t", "u")
        assert description.summary == "s"
        assert description.description == "d"
        assert description.operation_id == "o"
        assert description.deprecated

    def test_of_the_docstring(self) -> None:
        def handler() -> None:
            """Do it.

            In two
              ways.
            """

        description = describe(handler)
        assert (description.summary, description.description) == ("Do it.", "In two\n  ways.")
        assert description.operation_id == "n"
        assert not description.deprecated
        partly = describe(handler, summary="s")
        assert (partly.summary, partly.description) == ("s", "In two\n  ways.")

    def test_without_any(self) -> None:
        description = describe(nothing)
        assert (description.summary, description.description) == ("", "")

    def test_of_what_is_called(self) -> None:
        class Handler:
            """The class."""

            def __call__(self, a: int = 0) -> None:
                """The call."""

        assert describe(Handler()).summary == "The call."
        assert describe(functools.partial(functools.partial(Handler()), a=1)).summary == "The call."


class TestParameters:
    def test_in_the_order_of_their_places(self) -> None:
        def handler(
            context: HttpRequestContext,
            caller: Principal,
            session: Annotated[str, Cookie()],
            x_tenant: Annotated[UUID, Header(description="whose", deprecated=True)],
            limit: int = 5,
            words: list[str] | None = None,
            *,
            item_id: int,
        ) -> None: ...

        description = describe(handler, "/{item_id:int}/{rest:path}", auth=AuthMode.USER)
        assert [
            (p.location, p.name, p.annotation, p.required, p.default)
            for p in description.parameters
            if p.location != "header"
        ] == [
            ("path", "rest", str, True, NO_DEFAULT),
            ("path", "item_id", int, True, NO_DEFAULT),
            ("query", "limit", int, False, 5),
            ("query", "words", list[str] | None, False, None),
            ("cookie", "session", Annotated[str, Cookie()], True, NO_DEFAULT),
        ]
        (header,) = (p for p in description.parameters if p.location == "header")
        assert (header.name, header.description, header.deprecated) == ("x-tenant", "whose", True)

    @pytest.mark.parametrize(
        ("kind", "annotation"),
        [("int", int), ("float", float), ("uuid", UUID), ("str", str), ("path", str)],
    )
    def test_of_the_path_that_no_argument_takes(self, kind: str, annotation: Any) -> None:
        def handler(context: HttpRequestContext) -> None: ...

        description = describe(handler, f"/a/{{p:{kind}}}")
        assert description.path == "/a/{p}"
        assert parameters(handler, f"/a/{{p:{kind}}}") == [("path", "p", annotation, True)]

    def test_of_a_pydantic_model(self) -> None:
        class Filter(BaseModel):
            plain: int
            constrained: int = Field(1, ge=1, description="words", deprecated="old")
            aliased: str = Field(alias="al")
            read_as: str = Field("x", validation_alias="ra", serialization_alias="no")
            choice: str = Field(validation_alias=AliasChoices("c1", "c2"))
            made: list[str] = Field(default_factory=list)

        def handler(f: Filter) -> None: ...

        found = describe(handler, method="GET").parameters
        assert [(p.name, p.required, p.default) for p in found] == [
            ("plain", True, NO_DEFAULT),
            ("constrained", False, 1),
            ("al", True, NO_DEFAULT),
            ("ra", False, "x"),
            ("choice", True, NO_DEFAULT),
            ("made", False, NO_DEFAULT),
        ]
        assert found[0].annotation is int
        assert found[1].annotation == Annotated[int, *Filter.model_fields["constrained"].metadata]
        assert (found[1].description, found[1].deprecated) == ("words", True)
        assert {p.location for p in found} == {"query"}

    def test_of_dataclasses_and_typed_dicts(self) -> None:
        @dataclass
        class Plain:
            a: int
            b: str = "x"
            c: list[int] = field(default_factory=list)

        @pydantic_dataclass
        class Pydantic:
            a: int
            b: str = "x"

        class Typed(TypedDict):
            a: int
            b: NotRequired[str]

        for model, expected in (
            (Plain, [("a", True, NO_DEFAULT), ("b", False, "x"), ("c", False, NO_DEFAULT)]),
            (Pydantic, [("a", True, NO_DEFAULT), ("b", False, "x")]),
            (Typed, [("a", True, NO_DEFAULT), ("b", False, NO_DEFAULT)]),
        ):

            def handler(f: Any) -> None: ...

            handler.__annotations__["f"] = Annotated[model, Query()]
            found = describe(handler).parameters
            assert [(p.name, p.required, p.default) for p in found] == expected

    def test_of_a_mapping(self) -> None:
        def handler(f: Annotated[dict[str, str], Query()]) -> None: ...

        (found,) = describe(handler).parameters
        assert found.free
        assert not found.required


class TestBody:
    def test_json(self) -> None:
        def handler(item: Annotated[Item, Body(description="text")]) -> None: ...

        body = describe(handler).body
        assert body is not None
        assert (body.kind, body.media_types, body.required) == ("json", ("application/json",), True)
        assert body.annotation == Annotated[Item, Body(description="text")]
        assert body.description == "text"

    def test_optional(self) -> None:
        def handler(item: Item | None) -> None: ...

        body = describe(handler).body
        assert body is not None
        assert not body.required

    def test_raw(self) -> None:
        def handler(content: Annotated[bytes, Body()]) -> None: ...

        body = describe(handler).body
        assert body is not None
        assert (body.kind, body.media_types, body.annotation) == ("raw", ("*/*",), None)

    def test_form(self) -> None:
        def handler(item: Annotated[Item, Form()], note: Annotated[str, Form()] = "") -> None: ...

        description = describe(handler)
        assert description.parameters == ()
        body = description.body
        assert body is not None
        assert (body.kind, body.media_types, body.required) == (
            "form",
            (URLENCODED, MULTIPART),
            True,
        )
        assert [(f.name, f.required, f.location) for f in body.fields] == [
            ("name", True, "form"),
            ("note", False, "form"),
        ]

    def test_form_where_multipart_is_not_installed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def handler(note: Annotated[str, Form()] = "") -> None: ...

        monkeypatch.setitem(sys.modules, "multipart", None)
        body = describe(handler).body
        assert body is not None
        assert body.media_types == (URLENCODED,)
        assert not body.required

    def test_files(self) -> None:
        def handler(
            one: Annotated[UploadedFile, File(description="first")],
            more: list[UploadedFile],
        ) -> None: ...

        body = describe(handler).body
        assert body is not None
        assert body.media_types == (MULTIPART,)
        assert [(f.name, f.location, f.many, f.description) for f in body.fields] == [
            ("one", "file", False, "first"),
            ("more", "file", True, ""),
        ]

    def test_none(self) -> None:
        assert describe(nothing).body is None


class TestSuccess:
    @pytest.mark.parametrize(
        ("returns", "status", "model"),
        [
            (Item, 200, Item),
            (list[Item], 200, list[Item]),
            (None, 204, None),
            (HttpResponseSpec, 200, None),
            (HttpResponseSpec | Item, 200, None),
            (Any, 200, Any),
        ],
    )
    def test_of_the_return_annotation(self, returns: Any, status: int, model: Any) -> None:
        def handler() -> Any: ...

        handler.__annotations__["return"] = returns
        description = describe(handler)
        assert (description.success_status, description.success_model) == (status, model)

    def test_nothing_is_said(self) -> None:
        def handler(): ...  # type: ignore[no-untyped-def]  # what is tested

        assert describe(handler).success_model is Any

    def test_of_the_spec(self) -> None:
        def handler() -> HttpResponseSpec: ...  # type: ignore[empty-body]  # never called

        description = describe(handler, response_model=Item, success_status=201)
        assert (description.success_status, description.success_model) == (201, Item)


class TestErrors:
    def test_grouped_by_status_in_order(self) -> None:
        errors = (
            ShelfMissingError,
            ConflictError,
            ItemMissingError,
            ShelfMissingError,
            TeapotError,
        )
        assert list(describe(nothing, errors=errors).errors.items()) == [
            (404, (ShelfMissingError, ItemMissingError)),
            (409, (ConflictError,)),
            (418, (TeapotError,)),
        ]

    def test_a_documented_one_meets_an_implied_one(self) -> None:
        def handler(limit: int = 1) -> None: ...

        assert describe(handler, errors=(DomainError,)).errors == {400: (DomainError,)}

    def test_nothing_is_implied_where_nothing_is_asked(self) -> None:
        def handler(context: HttpRequestContext) -> None: ...

        assert describe(handler).errors == {}

    def test_input(self) -> None:
        def handler(limit: int = 1) -> None: ...

        assert list(describe(handler).errors) == [400]

        def reads_context(context: HttpRequestContext) -> None: ...

        assert list(describe(reads_context, "/{p}").errors) == [400]

    @pytest.mark.parametrize(
        "changes",
        [
            {"auth": AuthMode.USER},
            {"auth": AuthMode.OPTIONAL},
            {"roles": ("r",)},
            {"scopes": ("s",)},
            {"guards": (lambda context: None,)},
            {"options": HttpOptions(guards=(lambda context: None,))},
        ],
    )
    def test_auth_or_guards(self, changes: dict[str, Any]) -> None:
        assert list(describe(nothing, **changes).errors) == [401, 403]

    def test_bodies(self) -> None:
        def json(item: Item) -> None: ...
        def raw(content: Annotated[bytes, Body()]) -> None: ...
        def form(note: Annotated[str, Form()]) -> None: ...

        lenient = HttpOptions(strict_content_type=False)
        assert list(describe(json).errors) == [400, 413, 415]
        assert list(describe(json, options=lenient).errors) == [400, 413]
        assert list(describe(json, strict_content_type=False).errors) == [400, 413]
        assert list(describe(json, options=lenient, strict_content_type=True).errors) == [
            400,
            413,
            415,
        ]
        assert list(describe(raw).errors) == [400, 413]
        assert list(describe(form, options=lenient).errors) == [400, 413, 415]

    def test_text(self) -> None:
        assert error_text(404, (ShelfMissingError, ItemMissingError)) == (
            "Not Found: `shelves.missing`, `items.missing`"
        )
        assert error_text(404, ()) == "Not Found"
        assert error_text(418, (TeapotError,)) == "I'm a Teapot"

    @pytest.mark.parametrize(
        ("status", "phrase"),
        [
            (200, "OK"),
            (299, "OK"),
            (404, "Not Found"),
            (499, "Bad Request"),
            (599, "Internal Server Error"),
        ],
    )
    def test_phrase(self, status: int, phrase: str) -> None:
        assert status_phrase(status) == phrase
        assert status_phrase(413) == HTTPStatus(413).phrase


def verify(token: str) -> None: ...


BEARER = {"type": "http", "scheme": "bearer"}
BASIC = {"type": "http", "scheme": "basic"}


class TestSecurity:
    @pytest.mark.parametrize(
        ("authenticator", "schemes"),
        [
            (None, {"bearer": BEARER}),
            (bearer_authenticator(verify), {"bearer": BEARER}),
            (
                bearer_authenticator(verify, cookie="at"),
                {"bearer": BEARER, "cookie": {"type": "apiKey", "in": "cookie", "name": "at"}},
            ),
            (
                composite_authenticator(
                    basic_authenticator(lambda user, password: None),
                    api_key_authenticator(verify, header="X-Key"),
                ),
                {"basic": BASIC, "apiKey": {"type": "apiKey", "in": "header", "name": "X-Key"}},
            ),
        ],
    )
    def test_schemes(self, authenticator: Any, schemes: dict[str, Any]) -> None:
        assert security_schemes(HttpOptions(authenticator=authenticator)) == schemes

    @pytest.mark.parametrize(
        ("challenge", "name"), [("Basic realm=x", "basic"), ("basic", "basic"), ("Other", "bearer")]
    )
    def test_scheme_of_a_foreign_authenticator(self, challenge: str, name: str) -> None:
        class Foreign:
            def __init__(self) -> None:
                self.challenge = challenge

            async def authenticate(self, context: HttpRequestContext) -> None: ...

        assert list(security_schemes(HttpOptions(authenticator=Foreign()))) == [name]

    def test_schemes_are_the_callers_own(self) -> None:
        security_schemes(HttpOptions())["bearer"]["scheme"] = "changed"
        assert security_schemes(HttpOptions()) == {"bearer": BEARER}

    def test_public(self) -> None:
        assert describe(nothing).security == ()

    def test_alternatives_with_scopes(self) -> None:
        options = HttpOptions(authenticator=bearer_authenticator(verify, cookie="at"))
        found = describe(nothing, auth=AuthMode.USER, scopes=("a", "b"), options=options)
        assert found.security == ({"bearer": ("a", "b")}, {"cookie": ("a", "b")})

    def test_optional(self) -> None:
        assert describe(nothing, auth=AuthMode.OPTIONAL).security == ({"bearer": ()}, {})
        asking = describe(nothing, auth=AuthMode.OPTIONAL, roles=("r",))
        assert asking.security == ({"bearer": ()},)

    def test_a_public_route_that_asks_for_roles(self) -> None:
        assert describe(nothing, roles=("r",)).security == ({"bearer": ()},)
