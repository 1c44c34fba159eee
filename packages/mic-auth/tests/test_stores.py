from mic.auth._stores import blocks


def test_a_store_blocks_unless_it_says_otherwise() -> None:
    class Quick:
        blocking = False

    class Slow:
        blocking = True

    assert not blocks(Quick())
    assert blocks(Slow())
    assert blocks(object())
