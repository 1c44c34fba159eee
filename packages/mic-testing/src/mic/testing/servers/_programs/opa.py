"""`python -m ... PORT FOLDER`: answers in the shapes of OPA's REST API, by evaluating real Rego.

A stand-in for Open Policy Agent where that is not installed. It has the Data API (`GET`, `POST`,
`PUT`, `DELETE /v1/data/PATH`), the Policy API (`GET`, `PUT`, `DELETE /v1/policies/ID`) and
`GET /health`, and evaluates with `regopy` (rego-cpp). Policies and data are in a file of FOLDER, so
that they survive a restart; OPA itself keeps them in memory. It has neither bundles nor decision
logs.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import regopy  # type: ignore[import-untyped]  # it has no types

from mic.testing.servers._programs.hosting import Answer, Request, serve

_UNDEFINED = object()


class PolicyError(Exception):
    """What Rego says of a policy or a query."""


class Opa:
    """The function of the server, and what it keeps.

    Args:
        store: Where policies and data are written.
    """

    def __init__(self, store: Path) -> None:
        self._store = store
        kept = json.loads(store.read_text()) if store.exists() else {}
        self._policies: dict[str, str] = kept.get("policies", {})
        self._data: dict[str, Any] = kept.get("data", {})

    def respond(self, request: Request) -> Answer:
        """Answer one request."""
        try:
            answer = self._route(request)
        except PolicyError as error:
            return Answer(500, {"code": "internal_error", "message": str(error)})
        except (ValueError, UnicodeDecodeError) as error:
            return _invalid(f"body contains malformed input document: {error}")
        if request.method in {"PUT", "DELETE"}:
            self._save()
        return answer

    def _route(self, request: Request) -> Answer:
        match request.method, request.path:
            case "GET", ("health",):
                return Answer()
            case "GET", ("v1", "data", *path):
                return self._query(path, {})
            case "POST", ("v1", "data", *path):
                given = json.loads(request.body or b"{}")
                if not isinstance(given, dict):
                    return _invalid("body must be an object")
                return self._query(path, given)
            case "PUT", ("v1", "data", *path):
                return self._put_data(path, json.loads(request.body))
            case "DELETE", ("v1", "data", *path):
                return self._delete_data(path)
            case "PUT", ("v1", "policies", *path):
                return self._put_policy("/".join(path), request.body.decode())
            case "GET", ("v1", "policies", *path) if "/".join(path) in self._policies:
                name = "/".join(path)
                return Answer(body={"result": {"id": name, "raw": self._policies[name]}})
            case "DELETE", ("v1", "policies", *path) if "/".join(path) in self._policies:
                del self._policies["/".join(path)]
                return Answer()
        return Answer(404, {"code": "resource_not_found", "message": "no such document or policy"})

    def _query(self, path: Sequence[str], given: dict[str, Any]) -> Answer:
        value = evaluate(self._policies, self._data, path, given)
        return Answer(body={} if value is _UNDEFINED else {"result": value})

    def _put_data(self, path: Sequence[str], value: Any) -> Answer:
        if not path:
            if not isinstance(value, dict):
                return _invalid("the root document must be an object")
            self._data = value
            return Answer(204, b"")
        parent = self._data
        for name in path[:-1]:
            parent = parent.setdefault(name, {})
            if not isinstance(parent, dict):
                return Answer(404, {"code": "resource_not_found", "message": "no such parent"})
        parent[path[-1]] = value
        return Answer(204, b"")

    def _delete_data(self, path: Sequence[str]) -> Answer:
        parent: Any = self._data
        for name in path[:-1]:
            parent = parent.get(name) if isinstance(parent, dict) else None
        if not path or not isinstance(parent, dict) or path[-1] not in parent:
            return Answer(404, {"code": "resource_not_found", "message": "no such document"})
        del parent[path[-1]]
        return Answer(204, b"")

    def _put_policy(self, name: str, source: str) -> Answer:
        try:
            evaluate({**self._policies, name: source}, self._data, (), {})
        except PolicyError as error:
            return _invalid("error(s) occurred while compiling module(s)", str(error))
        self._policies[name] = source
        return Answer()

    def _save(self) -> None:
        written = self._store.with_suffix(".new")
        written.write_text(json.dumps({"policies": self._policies, "data": self._data}))
        written.replace(self._store)


def evaluate(
    policies: dict[str, str], data: dict[str, Any], path: Sequence[str], given: dict[str, Any]
) -> Any:
    """The value of a document, or `_UNDEFINED`.

    Raises:
        PolicyError: The policies do not compile, or the evaluation fails.
    """
    interpreter = regopy.Interpreter()
    interpreter.log_level = regopy.LogLevel.NONE
    try:
        for name, source in policies.items():
            interpreter.add_module(name, source)
        interpreter.add_data(data)
        if "input" in given:
            interpreter.set_input(given["input"])
        # asked for alone, a document that is false would be undefined
        document = "data" + "".join(f"[{json.dumps(name)}]" for name in path)
        output = interpreter.query(f"[it | it := {document}]")
    except regopy.RegoError as error:
        raise PolicyError(_first_message(str(error))) from error
    if not output.ok():
        raise PolicyError(_first_message(str(output)))
    [virtual] = output[0].expressions[0] or [_UNDEFINED]
    return _merged(_below(data, path), virtual)


def _below(data: Any, path: Sequence[str]) -> Any:
    for name in path:
        if not isinstance(data, dict) or name not in data:
            return _UNDEFINED
        data = data[name]
    return data


def _merged(base: Any, virtual: Any) -> Any:
    """What policies say over what data says: of a folder of both, rego-cpp gives policies only."""
    if isinstance(base, dict) and isinstance(virtual, dict):
        names = [*base, *(name for name in virtual if name not in base)]
        return {
            name: _merged(base.get(name, _UNDEFINED), virtual.get(name, _UNDEFINED))
            for name in names
        }
    return base if virtual is _UNDEFINED else virtual


def _first_message(text: str) -> str:
    found = re.search(r"errormsg \d+:([^)]*)\)", text)
    return found[1] if found else "the evaluation failed"


def _invalid(message: str, *errors: str) -> Answer:
    body: dict[str, Any] = {"code": "invalid_parameter", "message": message}
    if errors:
        body["errors"] = [{"code": "rego_parse_error", "message": error} for error in errors]
    return Answer(400, body)


def main(arguments: Sequence[str]) -> None:
    """Serve until SIGTERM."""
    serve(Opa(Path(arguments[1]) / "store.json").respond, int(arguments[0]))


if __name__ == "__main__":
    main(sys.argv[1:])
