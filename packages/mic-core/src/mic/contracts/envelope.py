"""The success envelope of HTTP answers."""

from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from mic.contracts.strict_schema import StrictSchema

PayloadT = TypeVar("PayloadT")


class HttpSuccessEnvelope(BaseModel, Generic[PayloadT]):
    """What every successful JSON answer looks like: `{"success":true,"data":...,"meta":null}`.

    Guarantees: `meta` is always written. Without a type argument, as `wrap_http_success` makes it,
    `data` is written as the type that it has; with one (`HttpSuccessEnvelope[Item]`) the fields of
    a subclass are left out. A reader ignores members that it does not know.

    Attributes:
        success: Always true; the error body has false.
        data: The payload.
        meta: Facts about the payload, such as those of `PageMeta`.
    """

    model_config = ConfigDict(frozen=True)

    success: Literal[True] = True
    data: PayloadT
    meta: dict[str, Any] | None = None


def wrap_http_success(
    payload: PayloadT, *, meta: dict[str, Any] | None = None
) -> HttpSuccessEnvelope[PayloadT]:
    """Wrap a payload in the success envelope; the payload itself is neither copied nor validated.

    Args:
        payload: Anything that can be written as JSON.
        meta: Facts about the payload, as a JSON object.

    Raises:
        ValidationError: `meta` is no dict with string keys.
    """
    return HttpSuccessEnvelope(data=payload, meta=meta)


class PageMeta(StrictSchema):
    """Where a page of results stands; goes into `meta` as `PageMeta(...).model_dump()`.

    Attributes:
        limit: The most items that the page could hold, at least 1.
        next_cursor: Opaque text that asks for the next page; `None` on the last one.
        total: How many items there are in all, when that is known.
    """

    limit: int = Field(ge=1)
    next_cursor: str | None = None
    total: int | None = Field(default=None, ge=0)
