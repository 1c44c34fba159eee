"""What only threads have: one fetch for all of them, on a server of this test's own."""

import asyncio
import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from mic.auth import (
    AsyncJwksSource,
    JwksSource,
    KeyRing,
    ServiceAuthSigner,
    ServiceAuthVerifier,
    ServiceKey,
)

KEY = ServiceKey.generate("EdDSA")
BODY = json.dumps({"keys": [KEY.to_jwk()]}).encode()


@contextlib.contextmanager
def serving(requests: list[str], go: threading.Event) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            requests.append(self.path)
            assert go.wait(30)
            self.send_response(200)
            self.send_header("content-length", str(len(BODY)))
            self.end_headers()
            self.wfile.write(BODY)

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/keys"
        server.shutdown()
        thread.join(30)


def test_one_fetch_for_all_threads() -> None:
    requests: list[str] = []
    go = threading.Event()
    signer = ServiceAuthSigner(keys=KeyRing([KEY]), issuer="orders")
    token = signer.sign(audience="stock")
    with serving(requests, go) as url, JwksSource(url, allow_insecure_url=True) as source:
        verifier = ServiceAuthVerifier(audience="stock", keys={"orders": source})
        barrier = threading.Barrier(9)
        found: list[str] = []

        def verify() -> None:
            barrier.wait()
            found.append(verifier.verify(token).iss)

        threads = [threading.Thread(target=verify, daemon=True) for _ in range(8)]
        for thread in threads:
            thread.start()
        barrier.wait()
        go.set()
        for thread in threads:
            thread.join(30)
        assert found == ["orders"] * 8
        assert requests == ["/keys"]


def test_an_asynchronous_source_is_for_the_other_verifier() -> None:
    source = AsyncJwksSource("https://id.example/keys")
    verifier: type = ServiceAuthVerifier
    with pytest.raises(TypeError, match="is asynchronous"):
        verifier(audience="stock", keys={"orders": source})
    asyncio.run(source.aclose())
