"""The distributions of the family and the portions that each owns.

Generated from the tree by `make docs`; do not edit.
"""

FAMILY: dict[str, tuple[str, ...]] = {
    "mic-auth": ("mic.auth",),
    "mic-cache": ("mic.cache",),
    "mic-cache-redis": ("mic.cache_redis",),
    "mic-cli": ("mic.cli",),
    "mic-client": ("mic.client",),
    "mic-core": ("mic.contracts", "mic.http", "mic.model", "mic.plugins", "mic.redaction"),
    "mic-datastorage": ("mic.datastorage",),
    "mic-datastorage-sql": ("mic.datastorage_sql",),
    "mic-http-fastapi": ("mic.fastapi",),
    "mic-http-litestar": ("mic.litestar",),
    "mic-struct": (),
    "mic-testing": ("mic.testing",),
}
