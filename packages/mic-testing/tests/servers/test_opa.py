from __future__ import annotations

import httpx
import pytest

from mic.testing.servers import Server
from mic.testing.servers._isolation import new_name

POLICY = """
package {name}
import rego.v1
default allow := false
allow if input.user in data.{name}_admins
"""


@pytest.fixture
def name() -> str:
    return new_name()


def test_a_policy_decides_over_http_and_survives_a_restart(opa_server: Server, name: str) -> None:
    with httpx.Client(base_url=opa_server.url) as client:
        put = client.put(f"/v1/policies/{name}", content=POLICY.format(name=name))
        assert put.status_code == 200
        assert client.put(f"/v1/data/{name}_admins", json=["ada"]).status_code == 204
        path = f"/v1/data/{name}/allow"
        assert client.post(path, json={"input": {"user": "ada"}}).json() == {"result": True}
        opa_server.restart()
        assert client.post(path, json={"input": {"user": "bob"}}).json() == {"result": False}
        assert client.get(f"/v1/data/{name}/nothing").json() == {}
