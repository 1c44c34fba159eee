from mic.http import adapter


def test_everything_named_is_there_and_nothing_is_of_its_own() -> None:
    assert sorted(adapter.__all__) == list(adapter.__all__)
    for name in adapter.__all__:
        assert getattr(getattr(adapter, name), "__module__", "mic.http") != adapter.__name__
