import json

from mic.auth import KeyRing, ServiceKey
from mic.auth._jwks_answer import handler_for
from mic.http import HttpRequestContext


def test_the_answer_is_that_of_the_ring_at_the_request() -> None:
    ring = KeyRing([ServiceKey.generate()])
    read_keys = handler_for(ring, "no-cache")
    first = read_keys(HttpRequestContext())
    assert json.loads(first.body) == ring.to_jwks()
    headers = dict(first.headers)
    assert headers["cache-control"] == "no-cache"
    holding = HttpRequestContext(headers={"if-none-match": headers["etag"]})
    assert read_keys(holding).status_code == 304
    ring.add(ServiceKey.generate())
    assert json.loads(read_keys(holding).body) == ring.to_jwks()
