"""What the portion makes public."""

from __future__ import annotations

import subprocess
import sys

import pytest

import mic.auth
from mic.auth.jwks_source import AsyncJwksSource, JwksSource


def test_all_is_sorted_and_bound() -> None:
    names = mic.auth.__all__
    assert names == sorted(names)
    assert set(names) <= set(dir(mic.auth))


def test_sources_of_key_sets_are_found_by_the_short_path() -> None:
    assert mic.auth.JwksSource is JwksSource
    assert mic.auth.AsyncJwksSource is AsyncJwksSource


def run(program: str) -> str:
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def test_importing_it_imports_nothing_optional() -> None:
    later = "{'httpx', 'mic.http.route_spec', 'mic.auth.jwks_source'}"
    assert run(f"import mic.auth, sys; print(sorted({later} & set(sys.modules)))") == "[]"
    assert (
        run(
            "import sys; sys.modules['cryptography'] = None; sys.modules['httpx'] = None\n"
            "import mic.auth\n"
            "key = mic.auth.ServiceKey.hs256('s' * 32, kid='k')\n"
            "ring = mic.auth.KeyRing([key])\n"
            "signer = mic.auth.ServiceAuthSigner(keys=ring, issuer='a')\n"
            "verifier = mic.auth.ServiceAuthVerifier(audience='b', keys={'a': ring})\n"
            "print(verifier.verify(signer.sign(audience='b')).iss)"
        )
        == "a"
    )


@pytest.mark.parametrize("name", ["JwksSource", "AsyncJwksSource"])
@pytest.mark.parametrize("absent", ["httpx"])
def test_what_needs_the_extra_says_so(name: str, absent: str) -> None:
    said = run(
        f"import sys; sys.modules[{absent!r}] = None\n"
        "import mic.auth\n"
        f"try: mic.auth.{name}\n"
        "except ImportError as error: print(error)"
    )
    assert f'mic.auth.{name} needs the distribution mic-auth[oidc]: pip install "mic-auth' in said


def test_a_source_without_cryptography_says_so() -> None:
    said = run(
        "import sys; sys.modules['cryptography'] = None\n"
        "import mic.auth\n"
        "try: mic.auth.JwksSource('https://id.example/')\n"
        "except ImportError as error: print(error)"
    )
    assert said.startswith("JwksSource needs mic-auth[oidc]")
