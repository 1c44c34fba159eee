"""Forms and uploaded files: urlencoded, multipart, and their limits."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel

from mic.http import File, Form, HttpOptions, HttpRouteSpec, UploadedFile
from mic.testing.contracts.http_corpus._case import Case, CorpusApp

_INVALID = "http.validation_error"
_UNSUPPORTED = "http.unsupported_media_type"
_TOO_LARGE = "http.payload_too_large"


class _Line(BaseModel):
    sku: str
    count: int = 1


def _form(
    name: Annotated[str, Form()],
    tags: Annotated[tuple[str, ...], Form()] = (),
    age: Annotated[int | None, Form()] = None,
) -> list[Any]:
    return [name, tags, age]


def _form_model(form: Annotated[_Line, Form()]) -> _Line:
    return form


async def _upload(
    document: Annotated[UploadedFile, File(max_bytes=100)], note: Annotated[str, Form()] = ""
) -> list[Any]:
    content = await document.read()
    return [document.filename, document.content_type, document.size, content.decode(), note]


async def _uploads(documents: list[UploadedFile]) -> list[str | None]:
    return [document.filename for document in documents]


def _optional_upload(document: UploadedFile | None) -> bool:
    return document is None


def _routes(_: Path) -> Sequence[HttpRouteSpec]:
    handlers: dict[str, Any] = {
        "/form": _form,
        "/form-model": _form_model,
        "/upload": _upload,
        "/uploads": _uploads,
        "/optional-upload": _optional_upload,
    }
    return [
        HttpRouteSpec("POST", path, f"forms-{path}", "forms", handler)
        for path, handler in handlers.items()
    ]


def _post(path: str, status: int, code: str | None = None, **more: Any) -> Case:
    return Case("POST", path, status, code, **more)


_CASES = [
    _post(
        "/form",
        200,
        body=b'["a b",["x","y"],3]',
        send={"form": [("name", "a b"), ("tags", "x"), ("tags", "y"), ("age", "3")]},
    ),
    _post("/form", 200, body=b'["a",[],null]', send={"form": {"name": "a"}}),
    _post(
        "/form",
        200,
        body=b'["a",["x"],null]',
        send={"form": {"name": "a", "tags": "x"}, "files": {}},
        why="multipart",
    ),
    _post("/form", 400, _INVALID, errors=["form /name missing"], send={"form": {}}),
    _post(
        "/form",
        400,
        _INVALID,
        errors=["form /age int_parsing"],
        send={"form": {"name": "a", "age": "x"}},
    ),
    _post("/form", 415, _UNSUPPORTED, send={"json": {"name": "a"}}),
    _post(
        "/form-model", 200, body=b'{"sku":"a","count":2}', send={"form": {"sku": "a", "count": "2"}}
    ),
    _post(
        "/form-model", 400, _INVALID, errors=["form /sku missing"], send={"form": {"count": "2"}}
    ),
    _post(
        "/form",
        413,
        _TOO_LARGE,
        send={"form": [("name", "a"), *(("tags", "x") for _ in range(10))]},
        why="one part over",
    ),
    _post(
        "/upload",
        200,
        body=b'["a.txt","text/plain",5,"hello","n"]',
        send={"files": {"document": ("a.txt", b"hello", "text/plain")}, "form": {"note": "n"}},
    ),
    _post(
        "/upload",
        200,
        body=b'["a.txt","application/octet-stream",0,"",""]',
        send={"files": {"document": ("a.txt", b"")}},
    ),
    _post(
        "/upload",
        400,
        _INVALID,
        errors=["form /document missing"],
        send={"form": {"note": "n"}, "files": {}},
    ),
    _post("/upload", 413, _TOO_LARGE, send={"files": {"document": b"x" * 101}}),
    _post("/upload", 415, _UNSUPPORTED, send={"json": {}}),
    _post(
        "/upload",
        400,
        "http.malformed_form",
        send={"body": b"x", "headers": {"content-type": "multipart/form-data"}},
        why="no boundary",
    ),
    _post(
        "/upload",
        400,
        "http.malformed_form",
        send={
            "body": b"--b\r\nnonsense",
            "headers": {"content-type": "multipart/form-data; boundary=b"},
        },
    ),
    _post(
        "/upload",
        413,
        _TOO_LARGE,
        send={"files": {"document": b"x"}, "form": [(f"f{n}", "") for n in range(10)]},
        why="one part over",
    ),
    _post(
        "/upload",
        413,
        _TOO_LARGE,
        send={"files": {"document": b"", "other": b"x" * 5000}},
        why="whole body",
    ),
    _post("/upload", 499, send={"files": {"document": b"x"}, "hang_up": True}),
    _post(
        "/uploads",
        200,
        body=b'["a","b"]',
        send={"files": [("documents", ("a", b"1")), ("documents", ("b", b"2"))]},
    ),
    _post("/optional-upload", 200, body=b"true", send={"files": {}}),
    _post("/optional-upload", 200, body=b"false", send={"files": {"document": b"x"}}),
]

FORMS = CorpusApp(
    "forms", _routes, _CASES, HttpOptions(max_form_parts=10, max_multipart_bytes=4000)
)
