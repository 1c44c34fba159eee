import sys

import pytest

from mic.auth._material import SharedSecret, asymmetric, shared_secret

GOOD = "s" * 32
PEM = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\n-----END PUBLIC KEY-----\n"
JWK = '{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}'


def test_a_secret_signs_and_verifies() -> None:
    secret = shared_secret(GOOD, "X: y", allow_weak=False)
    signature = secret.sign(b"message")
    assert secret.can_sign
    assert secret.verify(b"message", signature)
    assert not secret.verify(b"massage", signature)
    assert not secret.verify(b"message", signature[:-1])
    assert not secret.verify(b"message", b"")
    assert shared_secret(GOOD.encode(), "X: y", allow_weak=False).verify(b"message", signature)


def test_bytes_count_and_not_characters() -> None:
    shared_secret("é" * 16, "X: y", allow_weak=False)


def test_nothing_of_it_is_public() -> None:
    secret = SharedSecret(GOOD.encode())
    with pytest.raises(ValueError, match="no public part"):
        secret.public()
    with pytest.raises(ValueError, match="no public part"):
        secret.to_jwk()
    with pytest.raises(ValueError, match="can not be written as PEM"):
        secret.to_pem(None)
    assert GOOD not in repr(secret)


def test_a_weak_secret() -> None:
    with pytest.raises(ValueError, match="X: y must have at least 32 bytes"):
        shared_secret("s" * 31, "X: y", allow_weak=False)
    shared_secret("s", "X: y", allow_weak=True)


@pytest.mark.parametrize("empty", ["", b""])
def test_no_secret_at_all(empty: object) -> None:
    with pytest.raises(ValueError, match="X: y must not be empty"):
        shared_secret(empty, "X: y", allow_weak=True)


def test_a_secret_of_another_type() -> None:
    with pytest.raises(TypeError, match="X: y must be a string or bytes, not int"):
        shared_secret(1, "X: y", allow_weak=True)
    with pytest.raises(ValueError, match="X: y must be text that UTF-8 can hold"):
        shared_secret("\ud800" * 40, "X: y", allow_weak=True)


@pytest.mark.parametrize(
    "document",
    [
        PEM,
        f"  {PEM}",
        "junk\n-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA\n",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJb6 me",
        JWK,
        f" {JWK}\n",
        '{"keys": [' + JWK + "]}",
    ],
)
def test_a_key_document_is_no_secret(document: str) -> None:
    with pytest.raises(ValueError, match="X: y must be a shared secret, not a PEM") as caught:
        shared_secret(document, "X: y", allow_weak=True)
    assert "Ed25519" not in str(caught.value)


@pytest.mark.parametrize("text", ['{"a": 1}' * 8, "[" * 5000, '["kty"]' + " " * 40])
def test_other_json_is_a_secret_like_any_other(text: str) -> None:
    shared_secret(text, "X: y", allow_weak=False)


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "mic.auth._asymmetric", raising=False)
    monkeypatch.delattr("mic.auth._asymmetric", raising=False)
    monkeypatch.setitem(sys.modules, "cryptography.exceptions", None)
    with pytest.raises(ImportError, match=r'X needs mic-auth\[oidc\]: pip install "mic-auth'):
        asymmetric("X")


def test_what_else_is_missing_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "mic.auth._asymmetric", raising=False)
    monkeypatch.delattr("mic.auth._asymmetric", raising=False)
    monkeypatch.setitem(sys.modules, "jwt.algorithms", None)
    with pytest.raises(ModuleNotFoundError, match=r"jwt\.algorithms"):
        asymmetric("X")
