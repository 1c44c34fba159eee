"""Conditional requests (RFC 9110, section 13): entity tags, and what a handler asks about them.

```python
from mic.http import HttpRequestContext, HttpResponseSpec, etag_of, is_fresh, require_match

def read_item(item_id: int, request: HttpRequestContext) -> HttpResponseSpec:
    item = items[item_id]
    etag = etag_of(item.version)
    if is_fresh(request, etag):
        return HttpResponseSpec.not_modified(etag)
    return HttpResponseSpec.ok(item, headers={"etag": etag})

def change_item(item_id: int, change: ItemChange, request: HttpRequestContext) -> Item:
    item = items[item_id]
    require_match(request, etag_of(item.version), required=True)
    ...
```
"""

import hashlib
import re

from mic.http.request_context import HttpRequestContext
from mic.model import PreconditionFailedError, PreconditionRequiredError

# RFC 9110, section 8.8.3: entity-tag = [ "W/" ] DQUOTE *( %x21 / %x23-7E / obs-text ) DQUOTE
_TAG = r'(W/)?("[\x21\x23-\x7e\x80-\xff]*")'
_ENTITY_TAG = re.compile(_TAG)
_LIST_ELEMENT = re.compile(rf"[ \t]*(?:{_TAG}[ \t]*)?(?:,|\Z)")


def etag_of(value: bytes | str | int) -> str:
    """Make a strong entity tag.

    Guarantees: equal values have equal tags, in every process and on every machine; the tag of
    content tells nothing about the content but whether it is equal.

    Args:
        value: Content, of which the tag is a SHA-256 digest cut to 128 bits (a text counts as its
            UTF-8); or an integer, such as a version or revision, which is the tag itself.

    Returns:
        The tag with its quotes, as `ETag` has it.
    """
    if isinstance(value, int):
        return f'"{value:d}"'
    content = value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def is_fresh(ctx: HttpRequestContext, etag: str) -> bool:
    """Tell whether the client holds what `etag` names: then answer `HttpResponseSpec.not_modified`.

    Guarantee: a malformed `If-None-Match` counts as absent.

    Args:
        ctx: The request, of which `If-None-Match` is read: weak comparison, a list, or `*` (RFC
            9110, section 13.1.2).
        etag: Tag of the present representation, with its quotes.

    Raises:
        ValueError: `etag` is no entity tag.
    """
    _check(etag)
    field = ctx.header("if-none-match")
    return field is not None and matches_weakly(field, etag)


def require_match(ctx: HttpRequestContext, etag: str, *, required: bool = False) -> None:
    """Refuse to change what the client has not seen as it is now (optimistic concurrency).

    Guarantee: a malformed `If-Match`, and a weak tag on either side, never match.

    Args:
        ctx: The request, of which `If-Match` is read: strong comparison, a list, or `*` (RFC 9110,
            section 13.1.1).
        etag: Tag of the present representation, with its quotes.
        required: Whether a request without `If-Match` is refused too.

    Raises:
        PreconditionFailedError: `If-Match` does not name `etag`; code `http.precondition_failed`.
        PreconditionRequiredError: `required`, and there is no `If-Match`; code
            `http.precondition_required` (RFC 6585, section 3).
        ValueError: `etag` is no entity tag.
    """
    _check(etag)
    field = ctx.header("if-match")
    if field is None:
        if required:
            raise PreconditionRequiredError(
                code="http.precondition_required",
                message="the request needs an If-Match header: the entity tag of what it changes",
            )
    elif not matches_strongly(field, etag):
        raise precondition_failed()


def precondition_failed() -> PreconditionFailedError:
    """The error behind every 412 of this package."""
    return PreconditionFailedError(
        code="http.precondition_failed",
        message="a precondition of the request does not hold: what it names has changed",
    )


def matches_weakly(field: str, etag: str) -> bool:
    """Compare `If-None-Match` with a tag: equal but for `W/` (RFC 9110, section 8.8.3.2)."""
    opaque = etag.removeprefix("W/")
    return field.strip(" \t") == "*" or any(tag == opaque for _, tag in entity_tags(field))


def matches_strongly(field: str, etag: str) -> bool:
    """Compare `If-Match` with a tag: equal, and neither is weak (RFC 9110, section 8.8.3.2)."""
    return field.strip(" \t") == "*" or any(
        tag == etag for weak, tag in entity_tags(field) if not weak
    )


def entity_tags(field: str) -> list[tuple[bool, str]]:
    """Parse a list of entity tags, in linear time.

    Returns:
        Whether it is weak and its opaque part with the quotes, for each; nothing at all for a
        malformed list.
    """
    tags: list[tuple[bool, str]] = []
    position = 0
    while position < len(field):
        element = _LIST_ELEMENT.match(field, position)
        if element is None:
            return []
        if element[2] is not None:
            tags.append((element[1] is not None, element[2]))
        position = element.end()
    return tags


def _check(etag: str) -> None:
    if _ENTITY_TAG.fullmatch(etag) is None:
        msg = f"{etag!r} is not an entity tag: it needs double quotes (RFC 9110, section 8.8.3)"
        raise ValueError(msg)
