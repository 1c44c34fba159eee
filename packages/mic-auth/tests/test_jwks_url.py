from typing import Any

import pytest

from mic.auth._jwks_url import checked_url


def test_urls() -> None:
    assert checked_url("https://id.example/keys", "S: url", allow_insecure=False).host
    assert checked_url("http://127.0.0.1:1/keys", "S: url", allow_insecure=True).port == 1


@pytest.mark.parametrize(
    ("url", "match"),
    [
        ("", "must be an absolute URL"),
        ("/keys", "must be an absolute URL"),
        ("https://", "must be an absolute URL"),
        ("https://[::1", "must be an absolute URL"),
        ("https://a\x00b/", "must be an absolute URL"),
        (None, "must be an absolute URL"),
        ("https://user:canary@id.example/", "must not hold a user name or password"),
        ("https://canary@id.example/", "must not hold a user name or password"),
        ("http://id.example/canary", "must be https"),
        ("ftp://id.example/canary", "must be https"),
    ],
)
def test_urls_that_are_refused(url: Any, match: str) -> None:
    with pytest.raises(ValueError, match=f"S: url {match}") as caught:
        checked_url(url, "S: url", allow_insecure=False)
    assert "canary" not in str(caught.value)


def test_insecure_means_http_and_nothing_else() -> None:
    with pytest.raises(ValueError, match="S: url must be https"):
        checked_url("ftp://id.example/", "S: url", allow_insecure=True)
