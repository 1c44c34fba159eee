"""The short import path of a backend, and the `connect(url)` of a capability.

Both name what to install when it is not there. Backends, the family's and third parties', are found
by entry point when they are asked for: importing this portion reads none.
"""

from mic.plugins._lazy_names import TYPE_CHECKING, make_lazy_names

if TYPE_CHECKING:
    from mic.plugins._lazy import (
        LazyExport,
        make_lazy_exports,
    )
    from mic.plugins._redact import (
        redact_url,
    )
    from mic.plugins._registry import (
        BackendRegistry,
    )
    from mic.plugins._url import (
        BackendUrl,
        parse_url,
    )
else:
    __getattr__, __dir__ = make_lazy_names(
        __name__,
        {
            "mic.plugins._lazy": (
                "LazyExport",
                "make_lazy_exports",
            ),
            "mic.plugins._redact": ("redact_url",),
            "mic.plugins._registry": ("BackendRegistry",),
            "mic.plugins._url": (
                "BackendUrl",
                "parse_url",
            ),
        },
    )

__all__ = [
    "BackendRegistry",
    "BackendUrl",
    "LazyExport",
    "make_lazy_exports",
    "make_lazy_names",
    "parse_url",
    "redact_url",
]
