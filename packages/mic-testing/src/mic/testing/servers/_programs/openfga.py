"""`python -m ... PORT FOLDER`: a FAKE of OpenFGA's HTTP API, with the documented shapes.

This is not OpenFGA. It has `POST /stores`, `POST /stores/S/authorization-models`, and `write`,
`check`, `batch-check` and `list-objects` below a store, with the requests, answers and error codes
that OpenFGA's API reference gives them, and resolves relations by the rules of schema 1.1 (direct,
computed, tuple to userset, union, intersection, exclusion, usersets, wildcards, contextual tuples).
It knows no conditions, no pagination and no consistency but the strongest, and it does not check
that a tuple fits the model's types. What it holds is in a file of FOLDER and survives a restart.
"""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from mic.testing.servers._programs.hosting import Answer, Request, serve
from mic.testing.servers._programs.relations import Key, TooDeepError, check, objects_of

MOST_WRITES = 100
MOST_CHECKS = 50
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class RefusedError(Exception):
    """A request that OpenFGA answers with an error."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.answer = Answer(status, {"code": code, "message": message})


class OpenFga:
    """The function of the server, and what it keeps.

    Args:
        store: The file that everything is written to.
    """

    def __init__(self, store: Path) -> None:
        self._file = store
        self._stores: dict[str, dict[str, Any]] = (
            json.loads(store.read_text()) if store.exists() else {}
        )

    def respond(self, request: Request) -> Answer:
        """Answer one request."""
        try:
            return self._route(request)
        except RefusedError as refused:
            return refused.answer
        except (ValueError, KeyError, TypeError) as error:
            return RefusedError(400, "validation_error", f"invalid request: {error!r}").answer

    def _route(self, request: Request) -> Answer:
        match request.method, request.path:
            case "GET", ("healthz",):
                return Answer(body={"status": "SERVING"})
            case "POST", ("stores",):
                name = json.loads(request.body)["name"]
                identity = new_id()
                self._stores[identity] = {"name": name, "models": {}, "tuples": []}
                self._save()
                return Answer(201, {"id": identity, "name": name})
            case "POST", ("stores", identity, what):
                if identity not in self._stores:
                    raise RefusedError(404, "store_id_not_found", "Store ID not found")
                return self._in_store(self._stores[identity], what, json.loads(request.body))
        raise RefusedError(404, "undefined_endpoint", "Endpoint not enabled")

    def _in_store(self, store: dict[str, Any], what: str, body: dict[str, Any]) -> Answer:
        match what:
            case "authorization-models":
                identity = new_id()
                store["models"][identity] = body["type_definitions"]
                self._save()
                return Answer(201, {"authorization_model_id": identity})
            case "write":
                return self._write(store, body)
            case "check":
                return Answer(body={"allowed": _check(store, body), "resolution": ""})
            case "batch-check":
                return _batch(store, body)
            case "list-objects":
                return _list(store, body)
        raise RefusedError(404, "undefined_endpoint", "Endpoint not enabled")

    def _write(self, store: dict[str, Any], body: dict[str, Any]) -> Answer:
        writes = _keys(body.get("writes"))
        deletes = _keys(body.get("deletes"))
        if not writes and not deletes:
            raise RefusedError(400, "invalid_write_input", "nothing to write or to delete")
        if len(writes) + len(deletes) > MOST_WRITES:
            message = f"The number of write operations exceeds the allowed limit of {MOST_WRITES}"
            raise RefusedError(400, "exceeded_entity_limit", message)
        kept = [Key(*each) for each in store["tuples"]]
        wrong = [each for each in writes if each in kept] + [
            each for each in deletes if each not in kept
        ]
        if wrong or len({*writes, *deletes}) < len(writes) + len(deletes):
            message = "cannot write a tuple which already exists or delete one which does not"
            raise RefusedError(400, "write_failed_due_to_invalid_input", message)
        store["tuples"] = [each for each in kept if each not in deletes] + writes
        self._save()
        return Answer()

    def _save(self) -> None:
        written = self._file.with_suffix(".new")
        written.write_text(json.dumps(self._stores))
        written.replace(self._file)


def new_id() -> str:
    """An identity in the shape of a ULID."""
    return "0" + "".join(secrets.choice(_CROCKFORD) for _ in range(25))


def _keys(part: Any) -> list[Key]:
    return [_key(each) for each in (part or {}).get("tuple_keys", [])]


def _key(each: dict[str, str]) -> Key:
    key = Key(each["user"], each["relation"], each["object"])
    if not all(isinstance(word, str) and word for word in key) or ":" not in key.object:
        raise RefusedError(400, "validation_error", f"invalid tuple key: {each}")
    return key


def _model(store: dict[str, Any], body: dict[str, Any]) -> dict[str, dict[str, Any]]:
    models = store["models"]
    wanted = body.get("authorization_model_id")
    if wanted and wanted not in models:
        message = f"Authorization Model '{wanted}' not found"
        raise RefusedError(400, "authorization_model_not_found", message)
    if not models:
        raise RefusedError(400, "latest_authorization_model_not_found", "No authorization models")
    definitions = models[wanted] if wanted else list(models.values())[-1]
    return {each["type"]: each.get("relations") or {} for each in definitions}


def _check(store: dict[str, Any], body: dict[str, Any], model: Any = None) -> bool:
    model = model or _model(store, body)
    key = _key(body["tuple_key"])
    kind = key.object.partition(":")[0]
    if key.relation not in model.get(kind, {}):
        message = f"relation '{kind}#{key.relation}' not found"
        raise RefusedError(400, "validation_error", message)
    try:
        return check(model, _tuples(store, body), key)
    except TooDeepError as error:
        raise RefusedError(
            400, "authorization_model_resolution_too_complex", "too complex"
        ) from error


def _tuples(store: dict[str, Any], body: dict[str, Any]) -> set[Key]:
    contextual: Iterable[Key] = _keys(body.get("contextual_tuples"))
    return {*(Key(*each) for each in store["tuples"]), *contextual}


def _batch(store: dict[str, Any], body: dict[str, Any]) -> Answer:
    checks = body["checks"]
    if not checks or len(checks) > MOST_CHECKS:
        message = f"batchCheck takes 1 to {MOST_CHECKS} checks, not {len(checks)}"
        raise RefusedError(400, "validation_error", message)
    model = _model(store, body)
    result: dict[str, Any] = {}
    for each in checks:
        identity = each["correlation_id"]
        if identity in result:
            raise RefusedError(400, "validation_error", f"duplicate correlation_id {identity}")
        try:
            result[identity] = {"allowed": _check(store, each, model)}
        except RefusedError as refused:
            error = {"input_error": refused.answer.body["code"], "message": str(refused)}
            result[identity] = {"allowed": False, "error": error}
    return Answer(body={"result": result})


def _list(store: dict[str, Any], body: dict[str, Any]) -> Answer:
    model = _model(store, body)
    kind, relation, user = body["type"], body["relation"], body["user"]
    if relation not in model.get(kind, {}):
        raise RefusedError(400, "validation_error", f"relation '{kind}#{relation}' not found")
    tuples = _tuples(store, body)
    found = [
        each for each in objects_of(tuples, kind) if check(model, tuples, Key(user, relation, each))
    ]
    return Answer(body={"objects": found})


def main(arguments: Sequence[str]) -> None:
    """Serve until SIGTERM."""
    serve(OpenFga(Path(arguments[1]) / "store.json").respond, int(arguments[0]))


if __name__ == "__main__":
    main(sys.argv[1:])
