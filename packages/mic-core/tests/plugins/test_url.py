"""Backend URLs: parsed strictly, shown redacted, read into options."""

import dataclasses
import traceback
from typing import Annotated, Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ConfigDict, Field, field_validator

from mic.contracts import StrictSchema, TolerantSchema
from mic.model import ConfigurationError
from mic.plugins import parse_url


class Options(StrictSchema):
    model_config = ConfigDict(arbitrary_types_allowed=True)
    namespace: str = ""
    pool_size: int = 10
    wait: bool = False
    node: tuple[str, ...] = ()
    tags: Annotated[list[str], Field(max_length=3)] | None = None
    group: str = Field(default="", alias="consumer_group")
    client: object | None = None


def test_every_part_is_found() -> None:
    url = parse_url("Redis+TLS://us%40er:p%2Fw@cache.example:6379/0?namespace=orders&x=a+b%20c")
    assert (url.scheme, url.username, url.password) == ("redis+tls", "us@er", "p/w")
    assert (url.host, url.port, url.path) == ("cache.example", 6379, "/0")
    assert dict(url.query) == {"namespace": "orders", "x": "a b c"}
    assert url.driver_url == "redis+tls://us%40er:p%2Fw@cache.example:6379/0"
    assert url.hosts == (("cache.example", 6379),)
    assert url.parameters == (("namespace", "orders"), ("x", "a b c"))


@pytest.mark.parametrize(
    ("text", "host", "port", "path"),
    [
        ("memory://", None, None, ""),
        ("memory://keyvalue", "keyvalue", None, ""),
        ("unix:///run/redis.sock", None, None, "/run/redis.sock"),
        ("file:///etc/app%20x/rbac.json", None, None, "/etc/app x/rbac.json"),
        ("sqlite:////var/x.db", None, None, "//var/x.db"),
        ("sqlite:///:memory:", None, None, "/:memory:"),
        ("redis://h:", "h", None, ""),
        ("redis://h:0", "h", 0, ""),
        ("redis://h:65535/", "h", 65535, "/"),
        ("redis://[::1]:6379/0", "::1", 6379, "/0"),
        ("redis://[fe80::1%25eth0]", "fe80::1%eth0", None, ""),
        ("postgresql://u:p@/db", None, None, "/db"),
        ("postgresql://%2Fvar%2Frun/db", "/var/run", None, "/db"),
        ("sqlite:///C:/My Documents/x.db", None, None, "/C:/My Documents/x.db"),
        ("redis://h?", "h", None, ""),
    ],
)
def test_shapes_of_locations(text: str, host: str | None, port: int | None, path: str) -> None:
    url = parse_url(text)
    assert (url.host, url.port, url.path) == (host, port, path)
    assert (url.query, url.driver_url) == ({}, text.removesuffix("?"))


def test_lists_of_hosts() -> None:
    url = parse_url("kafka://u:p@a:9092,[::1]:9093,c/topic")
    assert url.hosts == (("a", 9092), ("::1", 9093), ("c", None))
    assert (url.host, url.port) == ("a", 9092)
    assert url.driver_url == "kafka://u:p@a:9092,[::1]:9093,c/topic"


@pytest.mark.parametrize(
    ("user_info", "username", "password"),
    [
        ("u@", "u", None),
        (":t@", None, "t"),
        ("u:@", "u", None),
        ("@", None, None),
        ("u:a:b@", "u", "a:b"),
        ("u:a@b@", "u", "a@b"),
        ("", None, None),
    ],
)
def test_user_info(user_info: str, username: str | None, password: str | None) -> None:
    url = parse_url(f"redis://{user_info}h")
    assert (url.username, url.password, url.host) == (username, password, "h")


def test_nothing_shows_the_credentials() -> None:
    url = parse_url("redis://user:canary@h:1/0?namespace=canary&node=redis://:canary@a")
    assert str(url) == "redis://***@h:1/0?namespace=***&node=***"
    assert repr(url) == f"BackendUrl({url})"
    assert f"{url}" == str(url)
    assert str(parse_url("memory://")) == "memory://"


def test_a_url_is_a_frozen_value() -> None:
    url = parse_url("redis://h?a=1")
    assert url == parse_url("redis://h?a=1")
    assert hash(url) == hash(parse_url("redis://h?a=1"))
    assert url != parse_url("redis://h?a=2")
    with pytest.raises(dataclasses.FrozenInstanceError, match="host"):
        url.host = "x"  # type: ignore[misc]  # that it cannot be set is the point
    with pytest.raises(TypeError, match="item assignment"):
        url.query["a"] = "2"  # type: ignore[index]  # that it is read-only is the point


def refused(text: Any, code: str, match: str) -> ConfigurationError:
    with pytest.raises(ConfigurationError, match=match) as caught:
        parse_url(text)
    assert caught.value.code == code
    shown = "".join(traceback.format_exception(caught.value))
    assert "canary" not in shown.replace(repr(text), "")
    return caught.value


@pytest.mark.parametrize(
    "text", ["", "canary", "canary:6379", "://canary", "1x://h", "a b://h", "x" * 65 + "://h"]
)
def test_a_scheme_is_needed(text: str) -> None:
    refused(text, "config.unknown_scheme", "does not begin with scheme://")


@pytest.mark.parametrize("text", [None, 5, b"redis://h"])
def test_a_url_is_a_string(text: Any) -> None:
    with pytest.raises(TypeError, match="a backend URL must be a string"):
        parse_url(text)


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("redis://h:65536", "port is not a number from 0 to 65535"),
        ("redis://h:canary", "port is not a number"),
        ("redis://h:-1", "port is not a number"),
        ("redis://h:٣", "port is not a number"),
        ("redis://h:1:2", "port is not a number"),
        ("redis://:canary/x@h", "the host is missing"),
        ("redis://:6379", "the host is missing"),
        ("redis://a,,b", "the host is missing"),
        ("redis://a b", "characters that are not allowed"),
        ("redis://a\\b", "characters that are not allowed"),
        ("redis://[::1", "not a valid IPv6 address"),
        ("redis://[zz]", "not a valid IPv6 address"),
        ("redis://[::1]6379", "not a valid IPv6 address"),
        ("redis://u:canary@h\n", "control characters"),
        ("redis://u:canary@h/\x00", "control characters"),
        ("redis://u:canary%0d%0aX@h", "encoded ones neither"),
        ("redis://h/%00", "encoded ones neither"),
        ("redis://h?a=canary%0a", "control characters"),
        ("redis://u:canary%ff@h", "bad percent-encoding"),
        ("redis://h?a=%ff", "bad percent-encoding"),
        ("redis://h#canary", "a fragment is not allowed; write # as %23"),
        ("redis://u:canary#x@h", "a fragment is not allowed"),
        ("redis://u:canary@" + "h" * 9000, "longer than 8192 characters"),
        ("redis://h?" + "&".join(f"a{i}=1" for i in range(101)), "more than 100 parameters"),
    ],
)
def test_bad_urls_are_refused_without_being_shown(text: str, match: str) -> None:
    error = refused(text, "config.invalid_url", match)
    assert len(error.message) < 400


def test_the_most_that_is_taken() -> None:
    assert len(parse_url("redis://h?" + "&".join(f"a{i}=1" for i in range(100))).query) == 100
    assert parse_url("redis://" + "h" * (8192 - 8)).port is None


@pytest.mark.parametrize("name", ["password", "token", "secret", "key", "TOKEN", "driver.password"])
def test_secrets_do_not_go_into_the_query(name: str) -> None:
    error = refused(f"redis://h?{name}=canary", "config.invalid_option", "go into the user info")
    assert error.details == {"options": [name]}


def test_options_are_read_with_their_types() -> None:
    url = parse_url("x://h?namespace=a&pool_size=5&wait=true&consumer_group=g")
    assert url.options_as(Options) == Options(
        namespace="a", pool_size=5, wait=True, consumer_group="g"
    )
    assert parse_url("x://h?group=g").options_as(Options).group == "g"
    assert parse_url("x://h").options_as(Options) == Options()


def test_collections_take_every_value() -> None:
    url = parse_url("ring://?node=redis://a:1/0&node=redis://b:1/0&tags=x")
    options = url.options_as(Options)
    assert options.node == ("redis://a:1/0", "redis://b:1/0")
    assert options.tags == ["x"]
    assert url.query["node"] == "redis://b:1/0"


def test_overrides_win_over_the_query() -> None:
    client = object()
    url = parse_url("x://h?pool_size=5&consumer_group=query&node=a")
    options = url.options_as(
        Options, overrides={"pool_size": 7, "group": "given", "client": client, "node": ["b"]}
    )
    assert (options.pool_size, options.group, options.node) == (7, "given", ("b",))
    assert options.client is client


def refused_options(text: str, match: str, **options: Any) -> ConfigurationError:
    with pytest.raises(ConfigurationError, match=match) as caught:
        parse_url(text).options_as(Options, **options)
    assert caught.value.code == "config.invalid_option"
    assert "canary" not in "".join(traceback.format_exception(caught.value))
    return caught.value


def test_unknown_options_name_the_known_ones() -> None:
    error = refused_options(
        "x://u:canary@h?pool_sise=5",
        r"x://\*\*\*@h\?pool_sise=\*\*\*: invalid options: pool_sise \(unknown\); known options: "
        "client, consumer_group, namespace, node, pool_size, tags, wait",
    )
    assert error.details["options"] == ["pool_sise"]
    assert error.details["known"][:2] == ["client", "consumer_group"]
    refused_options("x://h", r"other \(extra_forbidden\)", overrides={"other": 1})


def test_ill_typed_options_do_not_show_their_value() -> None:
    error = refused_options("x://h?pool_size=canary&wait=canary", "pool_size .int_parsing., wait")
    assert error.details["options"] == ["pool_size", "wait"]
    refused_options("x://h?tags=canary&tags=b&tags=c&tags=d", "tags .too_long.")


def test_an_option_given_twice_is_refused() -> None:
    refused_options("x://h?namespace=canary&namespace=b", r"namespace \(given twice\)")
    refused_options("x://h?group=canary&consumer_group=b", r"consumer_group \(given twice\)")


def test_a_name_that_is_none_is_not_shown() -> None:
    error = refused_options("x://h?w@canary=1", r"\*\*\* \(unknown\)")
    assert error.details["options"] == ["***"]


def test_a_tolerant_schema_does_not_make_options_optional() -> None:
    class Tolerant(TolerantSchema):
        """Takes nothing."""

    with pytest.raises(ConfigurationError, match="known options: none"):
        parse_url("x://h?a=1").options_as(Tolerant)


def test_a_validator_of_the_whole_has_no_name() -> None:
    class Checked(StrictSchema):
        low: int = 0

        @field_validator("low")
        @classmethod
        def check(cls, value: int) -> int:
            raise ValueError("canary")

    with pytest.raises(ConfigurationError, match=r"invalid options: low \(value_error\)") as caught:
        parse_url("x://h?low=1").options_as(Checked)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_driver_options_are_left_to_the_driver_when_asked() -> None:
    url = parse_url("x://h?namespace=a&driver.sslmode=require&driver.a.b=1")
    assert url.driver_options == {"sslmode": "require", "a.b": "1"}
    assert url.options_as(Options, allow_driver=True).namespace == "a"
    with pytest.raises(ConfigurationError, match=r"driver\.sslmode \(unknown\)"):
        url.options_as(Options)


PRINTABLE = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)


@given(user=PRINTABLE, password=PRINTABLE, path=PRINTABLE, value=PRINTABLE)
def test_what_is_encoded_comes_back(user: str, password: str, path: str, value: str) -> None:
    url = parse_url(
        f"x://{quote(user, safe='')}:{quote(password, safe='')}@h/{quote(path, safe='')}"
        f"?{urlencode({'v': value})}"
    )
    assert (url.username, url.password, url.path) == (user, password, f"/{path}")
    assert dict(url.query) == {"v": value}


@given(st.text() | st.text().map(lambda text: f"x://{text}"))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    try:
        shown = str(parse_url(text))
    except ConfigurationError as error:
        shown = error.message
    assert shown.isprintable()
