"""What a full cache takes."""

import gc
import tracemalloc

from mic.auth import ServiceAuthSigner, ServiceAuthVerifier

SECRET = "s" * 32


def test_the_memory_of_a_million_tokens_is_that_of_a_full_cache() -> None:
    verifier = ServiceAuthVerifier(
        secrets=(SECRET,), audience="stock", allowed_issuers=("orders",), cache_size=1000
    )
    signer = ServiceAuthSigner(secret=SECRET, issuer="orders")

    def verify(count: int) -> int:
        for number in range(count):
            token = signer.sign(audience="stock", subject=f"user-{number}", scopes=("a", "b"))
            verifier.verify(token)
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    verify(10)
    tracemalloc.start()
    try:
        empty = verify(0)
        full = verify(1000)
        # The default holds ten times as much: below 32 MiB.
        assert (full - empty) * 10 < 32 * 1024 * 1024
        # And more tokens take no more, but for what a dict grows by.
        assert verify(1000) - full < 64 * 1024
    finally:
        tracemalloc.stop()
