from {{ cookiecutter.__package_name }}.settings import Settings


def test_lists_are_separated_by_commas() -> None:
    settings = Settings(trusted_proxies="10.0.0.0/8, 127.0.0.1,")  # type: ignore[arg-type]
    assert settings.trusted_proxies == ("10.0.0.0/8", "127.0.0.1")


def test_a_tuple_is_taken_as_it_is() -> None:
    assert Settings(trusted_proxies=("127.0.0.1",)).trusted_proxies == ("127.0.0.1",)


def test_the_database_url_is_a_secret() -> None:
    assert "sqlite" not in repr(Settings())
