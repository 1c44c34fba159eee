from dataclasses import dataclass
from typing import Annotated, Any

import pytest

from mic.contracts import StrictSchema
from mic.http._auth_mode import AuthMode
from mic.http._run import compile_route
from mic.http.params import Body, Cookie, File, Form, Header, Path, Query, UploadedFile
from mic.http.principal import Principal
from mic.http.request_context import HttpRequestContext
from mic.http.route_spec import RouteDefinitionError


class Model(StrictSchema):
    name: str = "x"


@dataclass
class Data:
    name: str


def plans(spec: Any) -> dict[str, Any]:
    return {plan.name: plan for plan in compile_route(spec).parameters}


def test_sources_follow_from_markers_annotations_and_names(make_route: Any) -> None:
    def handler(  # type: ignore[no-untyped-def]  # an argument without annotation is raw text
        context: HttpRequestContext,
        who: Principal | None,
        item_id: int,
        body: Model,
        q,
        x_tenant: Annotated[str, Header()],
        session: Annotated[str, Cookie(alias="sid")],
        tags: list[str] = [],  # noqa: B006
        maybe: int | None = None,
        *args: int,
        **kwargs: int,
    ) -> None: ...

    found = plans(make_route(handler, "POST", "/items/{item_id}"))
    assert {name: (plan.source, plan.alias) for name, plan in found.items()} == {
        "context": ("context", "context"),
        "who": ("principal", "who"),
        "item_id": ("path", "item_id"),
        "body": ("body", "body"),
        "q": ("query", "q"),
        "x_tenant": ("header", "x-tenant"),
        "session": ("cookie", "sid"),
        "tags": ("query", "tags"),
        "maybe": ("query", "maybe"),
    }
    assert found["q"].adapter is None
    assert found["q"].required
    assert found["tags"].many
    assert not found["maybe"].required


def test_a_model_on_get_is_filled_from_the_query(make_route: Any) -> None:
    def handler(filters: Model, forced: Annotated[Model, Body()]) -> None: ...

    found = plans(make_route(handler, "GET"))
    assert (found["filters"].source, found["filters"].fields) == ("query", {"name": False})
    assert found["forced"].source == "body"


def test_forms_and_files(make_route: Any) -> None:
    def handler(
        title: Annotated[str, Form()],
        avatar: Annotated[UploadedFile, File(max_bytes=10)],
        others: list[UploadedFile],
    ) -> None: ...

    found = plans(make_route(handler, "POST"))
    assert [plan.source for plan in found.values()] == ["form", "file", "file"]
    assert found["avatar"].max_bytes == 10
    assert found["others"].many


def bodies(a: Model, b: Model) -> None: ...
def body_and_form(a: Model, b: Annotated[str, Form()]) -> None: ...
def positional(a: int, /) -> None: ...
def nobody() -> None: ...
def principal(who: Principal) -> None: ...
def not_in_path(x: Annotated[int, Path()]) -> None: ...
def bad_file(x: Annotated[int, File()]) -> None: ...
def upload_as_query(x: Annotated[UploadedFile, Query()]) -> None: ...
def model_as_header(x: Annotated[Model, Header()]) -> None: ...
def unreadable(x: "Missing") -> None: ...  # type: ignore[name-defined]  # noqa: F821


class NotAType:
    """A class that pydantic knows nothing of."""


def foreign(x: NotAType) -> None: ...


@pytest.mark.parametrize(
    ("handler", "path", "reason"),
    [
        (bodies, "/", r"parameter 'b': a request has one body, and 'a' takes it"),
        (body_and_form, "/", r"parameter 'b': a request has a body \('a'\) or a form"),
        (positional, "/", r"parameter 'a': is positional-only"),
        (nobody, "/{x}", r"parameter 'x': nobody receives it"),
        (principal, "/", r"parameter 'who': with auth='public' there may be none"),
        (not_in_path, "/", r"parameter 'x': is no parameter of the path"),
        (bad_file, "/", r"parameter 'x': File\(\) goes with UploadedFile"),
        (upload_as_query, "/", r"parameter 'x': File\(\) goes with UploadedFile"),
        (model_as_header, "/", r"parameter 'x': a model cannot be filled"),
        (unreadable, "/", r"signature cannot be read"),
        (foreign, "/", r"parameter 'x': pydantic cannot read"),
        (nobody, "no-slash", r"must begin with '/'"),
    ],
)
def test_a_wrong_route_is_refused_by_name(
    make_route: Any, handler: Any, path: str, reason: str
) -> None:
    with pytest.raises(RouteDefinitionError, match=rf"^route 'wrong' \(POST .*{reason}"):
        compile_route(make_route(handler, "POST", path, name="wrong"))


def test_a_context_receives_every_path_parameter(make_route: Any) -> None:
    def handler(context: HttpRequestContext) -> None: ...

    assert set(plans(make_route(handler, path="/{a}/{b}"))) == {"context"}


def test_a_positional_only_argument_with_a_default_keeps_it(make_route: Any) -> None:
    def handler(a: int = 1, /) -> None: ...

    assert plans(make_route(handler)) == {}


def test_optional_routes_take_an_optional_principal_only(make_route: Any) -> None:
    with pytest.raises(RouteDefinitionError, match="with auth='optional' there may be none"):
        compile_route(make_route(principal, auth=AuthMode.OPTIONAL))
