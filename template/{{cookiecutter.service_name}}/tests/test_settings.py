import pytest
from mic.model import ConfigurationError

from {{ cookiecutter.__package_name }}.settings import Settings, load_settings


def test_lists_are_separated_by_commas() -> None:
    settings = Settings(trusted_proxies="10.0.0.0/8, 127.0.0.1,")  # type: ignore[arg-type]
    assert settings.trusted_proxies == ("10.0.0.0/8", "127.0.0.1")


def test_a_tuple_is_taken_as_it_is() -> None:
    assert Settings(trusted_proxies=("127.0.0.1",)).trusted_proxies == ("127.0.0.1",)


def test_the_database_url_is_a_secret() -> None:
    assert "sqlite" not in repr(Settings())


def test_secrets_are_not_shown(settings: Settings) -> None:
    assert len(settings.service_auth_secrets) == 1
    assert "thirty-two" not in repr(settings)


def test_what_is_wrong_is_named_and_not_shown(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load_settings() == settings
    monkeypatch.setenv("PORT", "hunter2")
    with pytest.raises(ConfigurationError, match="PORT: Input should be a valid integer") as caught:
        load_settings()
    assert "hunter2" not in str(caught.value)
