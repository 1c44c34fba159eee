"""Describes routes in Litestar's own OpenAPI document, in the words of the family's.

One description, `mic.http.openapi`, feeds the documents of all hosts. Litestar asks a handler for
its operation and the app for its components; both answer with what is written there.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from copy import copy
from typing import TYPE_CHECKING, Any

from litestar.config.app import AppConfig
from litestar.openapi.controller import OpenAPIController
from litestar.openapi.spec import Components, Operation, Parameter
from mic.http.adapter import RouteTable
from mic.http.openapi import OpenApiInfo, build_openapi, describe_route

if TYPE_CHECKING:
    from litestar import Litestar
    from litestar.openapi.config import OpenAPIConfig
    from litestar.plugins import InitPluginProtocol
    from mic.http.adapter import CompiledRoute


class Document:
    """The family's document of a table of routes, written when somebody first asks."""

    __slots__ = ("_table", "_written")

    def __init__(self, table: RouteTable) -> None:
        self._table = table
        self._written: dict[str, Any] | None = None

    def __deepcopy__(self, memo: dict[int, Any]) -> Document:
        """Litestar copies an app's components for every document; the routes stay the same."""
        return self

    @property
    def components(self) -> Mapping[str, Mapping[str, Any]]:
        """Schemas and security schemes by name."""
        components: dict[str, dict[str, Any]] = self._read()["components"]
        return components

    def operation(self, route: CompiledRoute) -> dict[str, Any]:
        """What the document says of one route."""
        path = describe_route(route).path
        operation: dict[str, Any] = self._read()["paths"][path][route.spec.method.lower()]
        return operation

    def _read(self) -> dict[str, Any]:
        if self._written is None:
            specs = [route.spec for route in self._table]
            self._written = build_openapi(specs, OpenApiInfo(), options=self._table.options)
        return self._written


def operation_class(document: Document, route: CompiledRoute) -> type[Operation]:
    """The class that Litestar makes the operation of a route with."""

    class RouteOperation(Operation):
        """The operation as the family's document has it, and what the layers above add."""

        def to_schema(self) -> dict[str, Any]:
            written = dict(document.operation(route))
            own = {
                (parameter["name"], parameter["in"]) for parameter in written.get("parameters", ())
            }
            # parameters in the path of a layer above, which only Litestar knows
            above = [
                parameter.to_schema()
                for parameter in self.parameters or ()
                if isinstance(parameter, Parameter)
                and parameter.param_in == "path"
                and (parameter.name, "path") not in own
            ]
            if above:
                written["parameters"] = [*above, *written.get("parameters", ())]
            written["tags"] = list(dict.fromkeys([*written["tags"], *(self.tags or ())]))
            if self.security and "security" not in written:
                written["security"] = self.security
            return written

    return RouteOperation


@dataclasses.dataclass
class RouteComponents(Components):
    """An app's components and those that the documents of its routes refer to."""

    documents: list[Document] = dataclasses.field(default_factory=list)

    def to_schema(self) -> dict[str, Any]:
        """All of them; where a name is taken, what the app itself says stays."""
        written = self._own()
        for document in self.documents:
            for kind, named in document.components.items():
                known = written.setdefault(kind, {})
                for name, value in named.items():
                    known.setdefault(name, value)
        return written

    def _own(self) -> dict[str, Any]:
        plain = Components(
            **{field.name: getattr(self, field.name) for field in dataclasses.fields(Components)}
        )
        return plain.to_schema()


def join_document(app: Litestar, document: Document) -> None:
    """Let an app's OpenAPI document hold the components of `document`.

    The app gets a copy of its configuration: Litestar's default is one object for all apps of the
    process.
    """
    config = app.openapi_config
    if config is None:
        return
    if not isinstance(config.components, RouteComponents):
        config = copy(config)
        config.components = _gathered(config.components)
        _hand_to_plugin(app, config)
        app.openapi_config = config
    components = config.components
    if isinstance(components, RouteComponents) and document not in components.documents:
        components.documents.append(document)


def _hand_to_plugin(app: Litestar, config: OpenAPIConfig) -> None:
    """Tell Litestar's plugin of another configuration, in the one public way that it has.

    It makes the router that serves the document as well, unless there is a controller; the router
    that the app has stays, because it asks the plugin for the document at every request.
    """
    config.openapi_controller, controller = OpenAPIController, config.openapi_controller
    plugin: InitPluginProtocol = app.plugins.get("OpenAPIPlugin")
    plugin.on_app_init(AppConfig(openapi_config=config))
    config.openapi_controller = controller


def _gathered(given: Components | list[Components]) -> RouteComponents:
    """The components of a configuration as one object of ours."""
    merged: dict[str, Any] = {}
    for components in given if isinstance(given, list) else [given]:
        for field in dataclasses.fields(Components):
            value = getattr(components, field.name)
            if value:
                merged[field.name] = {**merged.get(field.name, {}), **value}
    return RouteComponents(**merged)
