"""Markers that say where a handler's argument comes from, for use in `typing.Annotated`; and
uploaded files.

```python
from typing import Annotated
from pydantic import Field
from mic.http import Header, Query

def search(
    q: Annotated[str, Query(), Field(min_length=2)], x_tenant: Annotated[str, Header()]
) -> list[str]: ...
```

Without a marker the source follows from the annotation and the name: a name in the path is a path
    parameter, a model is the body, and
anything else is a query parameter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, ClassVar, Literal

if TYPE_CHECKING:
    from mic.http._threads import WorkerPool

ParameterSource = Literal["path", "query", "header", "cookie", "body", "form", "file"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """What the markers share.

    Attributes:
        alias: Name on the wire; by default the argument's name (of a header with `-` for `_`).
        description: Text for the OpenAPI document.
        deprecated: Marks the parameter as deprecated.
    """

    source: ClassVar[ParameterSource]
    alias: str | None = None
    description: str = ""
    deprecated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Path(Marker):
    """A path parameter."""

    source: ClassVar[ParameterSource] = "path"


@dataclass(frozen=True, slots=True, kw_only=True)
class Query(Marker):
    """A query parameter; on a model, its fields are query parameters."""

    source: ClassVar[ParameterSource] = "query"


@dataclass(frozen=True, slots=True, kw_only=True)
class Header(Marker):
    """A request header; `_` in the argument's name reads as `-`."""

    source: ClassVar[ParameterSource] = "header"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cookie(Marker):
    """A cookie."""

    source: ClassVar[ParameterSource] = "cookie"


@dataclass(frozen=True, slots=True, kw_only=True)
class Body(Marker):
    """The request body as JSON; `Annotated[bytes, Body()]` is the raw body of any type."""

    source: ClassVar[ParameterSource] = "body"


@dataclass(frozen=True, slots=True, kw_only=True)
class Form(Marker):
    """A form field, urlencoded or multipart; on a model, its fields are form fields."""

    source: ClassVar[ParameterSource] = "form"


@dataclass(frozen=True, slots=True, kw_only=True)
class File(Marker):
    """An uploaded file (multipart).

    Attributes:
        max_bytes: Limit of the file in bytes; `None`: only that of the whole body.
    """

    source: ClassVar[ParameterSource] = "file"
    max_bytes: int | None = None


class UploadedFile:
    """A file that came with a multipart form (RFC 7578).

    Guarantees: up to 1 MiB in memory, more on disk; closed, and its temporary file removed, after
    the answer. The file name is the client's word: never use it as a path.

    Attributes:
        filename: Name as sent, or `None`.
        content_type: Type as sent, or `None`.
        size: Length in bytes.
        file: The open file, at its start. Reading it blocks: use `read` in a coroutine.
    """

    __slots__ = ("_workers", "content_type", "file", "filename", "size")

    def __init__(
        self,
        *,
        filename: str | None,
        content_type: str | None,
        size: int,
        file: IO[bytes],
        workers: WorkerPool | None = None,
    ) -> None:
        self.filename = filename
        self.content_type = content_type
        self.size = size
        self.file = file
        self._workers = workers

    async def read(self, size: int = -1) -> bytes:
        """Read up to `size` bytes (all by default) without holding the event loop."""
        if self._workers is None:
            return self.file.read(size)
        return await self._workers.run(self.file.read, size)

    def __repr__(self) -> str:
        return f"UploadedFile(size={self.size})"
