import pytest

from mic.testing import FakeSigner


def test_the_same_question_gets_the_same_token() -> None:
    signer = FakeSigner()
    first = signer.token(audience="orders", scopes=("read",))
    assert first == signer.token(audience="orders") == "fake-token.orders.nobody"
    assert [(each.audience, each.subject, each.scopes) for each in signer.asked] == [
        ("orders", None, ("read",)),
        ("orders", None, ()),
    ]


def test_what_is_signed_is_new_every_time() -> None:
    signer = FakeSigner()
    assert signer.sign(audience="orders", subject="ann") == "fake-token.orders.ann.1"
    assert signer.sign(audience="orders", subject="ann", scopes=["a"]) == "fake-token.orders.ann.2"
    assert signer.asked[-1].scopes == ("a",)


def test_a_signer_can_fail() -> None:
    signer = FakeSigner(failure=RuntimeError("no key"))
    with pytest.raises(RuntimeError, match="no key"):
        signer.sign(audience="orders")
    assert not signer.asked


def test_what_was_asked_is_bounded() -> None:
    signer = FakeSigner()
    for n in range(1_001):
        signer.token(audience=str(n))
    assert (len(signer.asked), signer.asked[0].audience) == (1_000, "1")
