"""The error body: a problem document (RFC 9457) with the family's extension members."""

from typing import Any, Literal

from pydantic import Field

from mic.contracts.strict_schema import RawStr, TolerantSchema


class FieldProblem(TolerantSchema):
    """One thing wrong with the input. It never holds the input itself.

    Attributes:
        source: Where it was: `body`, `path`, `query`, `header`, `cookie` or `form`. The JSON member
            is called `in`.
        pointer: Which value it was, as a JSON pointer (RFC 6901).
        message: What is wrong, for people.
        type: What is wrong, for programs: pydantic's error type.
    """

    # Not `alias`: type checkers would then want `in`, a keyword, as the constructor's parameter.
    source: str = Field(validation_alias="in", serialization_alias="in")
    pointer: RawStr
    message: RawStr
    type: str


class HttpProblem(TolerantSchema):
    """The body of every error answer, for OpenAPI documents and for readers.

    `mic.model.DomainError.to_problem` writes it; `mic.model.error_from_problem` turns it back into
    an exception. The media type is `application/problem+json`.

    Attributes:
        type: A URI of the kind of error, made of a base and the percent-encoded code.
        title: The phrase of the HTTP status.
        status: The HTTP status.
        detail: The same text as `message`.
        instance: A URI of this occurrence, when the request id is known.
        success: Always false; the success envelope has true.
        code: The stable dotted code that programs compare.
        message: One sentence for people.
        details: Facts for programs.
        retryable: Whether the same request may succeed later.
        retry_after_seconds: How long to wait, in whole seconds, when that is known.
        errors: What is wrong with the input, when that is what is wrong.
    """

    type: str
    title: RawStr
    status: int
    detail: RawStr
    instance: str | None = None
    success: Literal[False] = False
    code: str
    message: RawStr
    details: dict[str, Any]
    retryable: bool
    retry_after_seconds: int | None = None
    errors: tuple[FieldProblem, ...] = ()
