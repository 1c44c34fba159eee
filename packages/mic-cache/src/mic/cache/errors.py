"""The outcomes of a cache that a caller handles; the same classes for every backend.

```
DomainError                          CacheError             cache.error
CacheError, ValueError               InvalidTtlError        cache.invalid_ttl
TransientError, CacheError           CacheUnavailableError  transient.cache_unavailable
```

Further codes of `CacheError` itself: `cache.too_large`, `cache.not_a_number`, `cache.unsupported`.
No message and no `details` holds a key, a value, or a server's own text.
"""

from typing import Any, ClassVar

from mic.model import DomainError, TransientError

__all__ = ["CacheError", "CacheUnavailableError", "InvalidTtlError"]


class CacheError(DomainError):
    """The cache could not do what was asked (500). The base of every error of a cache."""

    http_status_code = 500
    default_code: ClassVar[str | None] = "cache.error"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        details: dict[str, Any] | None = None,
        **options: Any,
    ) -> None:
        """Describe the outcome.

        Args:
            message: One sentence for the client, not empty.
            code: The stable dotted code; `None` takes the class's own.
            details: Facts for programs.
            **options: The further ones of `mic.model.DomainError`.
        """
        super().__init__(code=code, message=message, details=details, **options)


class CacheUnavailableError(TransientError, CacheError):
    """The cache's server refuses, does not answer in time, or is not ready (503). Retryable.

    Whether a write was done is not known. The driver's exception is the cause.
    """

    default_code = "transient.cache_unavailable"


class InvalidTtlError(CacheError, ValueError):
    """A lifetime is no finite number of at least 0.001 s, as an `int` of at least 1 s (500)."""

    default_code = "cache.invalid_ttl"
