"""What a client raises beyond the errors of `mic.model`."""

from __future__ import annotations

from mic.model import DomainError

__all__ = ["UpstreamResponseError"]


class UpstreamResponseError(DomainError):
    """The other service answered, and its answer cannot be used (502).

    Content that cannot be decoded, no JSON or not the model in `request_as`, too many redirects.
    """

    http_status_code = 502
    default_code = "upstream.invalid_response"
