"""The URL of a backend: parsed strictly, shown redacted, its query turned into checked options."""

import re
import types
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv6Address
from types import MappingProxyType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin
from urllib.parse import parse_qsl, unquote

from pydantic import ValidationError

from mic.contracts import StrictSchema
from mic.model import ConfigurationError
from mic.plugins._redact import redact_url, shown_name, shown_url

SchemaT = TypeVar("SchemaT", bound=StrictSchema)

MAX_URL_LENGTH = 8192
MAX_QUERY_PARAMETERS = 100
DRIVER_PREFIX = "driver."

# As RFC 3986, section 3.1, and the underscore that some drivers have in their names.
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-_]{0,63}")
_PORT = re.compile(r"[0-9]{1,5}")
_BAD_IN_HOST = re.compile(r"[\s\[\]\\<>\"^`{|}:@/?#]")
_SECRET_OPTIONS = frozenset({"password", "token", "secret", "key"})


@dataclass(frozen=True, slots=True, repr=False)
class BackendUrl:
    """A parsed backend URL, made by `parse_url`. `repr` and `str` show the redacted form.

    Texts are percent-decoded, but for `driver_url`. What is empty is `None` (`path` is `""`).

    Attributes:
        scheme: In lower case, with its `+` suffix (`postgresql+psycopg`).
        username: From the user info.
        password: From the user info.
        host: The first host, an IPv6 address without its brackets.
        port: The first host's port.
        path: With its leading slash.
        query: The parameters, read-only; of one that is repeated the last value.
        driver_url: With credentials, without the query: what a driver is given.
        hosts: Every host and port of a list such as `a:9092,b:9092`.
        parameters: Every query parameter in its order, repeated ones included.
    """

    scheme: str
    username: str | None
    password: str | None
    host: str | None
    port: int | None
    path: str
    query: Mapping[str, str] = field(hash=False)
    driver_url: str
    hosts: tuple[tuple[str, int | None], ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()

    def __repr__(self) -> str:
        return f"BackendUrl({self})"

    def __str__(self) -> str:
        pairs = "&".join(f"{name}=" for name, _ in self.parameters)
        return redact_url(f"{self.driver_url}?{pairs}" if pairs else self.driver_url)

    @property
    def driver_options(self) -> Mapping[str, str]:
        """The parameters that begin with `driver.`, without that: the driver's, as they are."""
        return {
            name.removeprefix(DRIVER_PREFIX): value
            for name, value in self.query.items()
            if name.startswith(DRIVER_PREFIX)
        }

    def options_as(
        self,
        schema: type[SchemaT],
        *,
        overrides: Mapping[str, Any] | None = None,
        allow_driver: bool = False,
    ) -> SchemaT:
        """Read the query into a schema.

        A field that takes a collection gets every value of a repeated parameter; any other field
        takes one.

        Args:
            schema: Declares the known options and their types.
            overrides: Values that win over the query: the `**options` of `connect`.
            allow_driver: Whether `driver.` parameters are left to `driver_options`; without it they
                are unknown.

        Raises:
            ConfigurationError: `config.invalid_option`: an option is unknown (the message lists
                those that are known), missing, repeated or of the wrong type. No value is shown.
        """
        fields = _field_names(schema)
        values: dict[str, Any] = {}
        for name, value in self.parameters:
            if allow_driver and name.startswith(DRIVER_PREFIX):
                continue
            if name not in fields:
                raise self._refusal(schema, {name: "unknown"})
            target = fields[name]
            if _is_collection(schema.model_fields[target].annotation):
                values.setdefault(target, []).append(value)
            elif target in values:
                raise self._refusal(schema, {name: "given twice"})
            else:
                values[target] = value
        for name, value in (overrides or {}).items():
            values[fields.get(name, name)] = value
        try:
            return schema.model_validate(values)
        except ValidationError as error:
            problems = {str((*item["loc"], "")[0]): item["type"] for item in error.errors()}
        # Outside of the handler, so that the schema's error, which shows values, is not chained.
        raise self._refusal(schema, problems)

    def _refusal(
        self, schema: type[StrictSchema], problems: Mapping[str, str]
    ) -> ConfigurationError:
        known = sorted({info.alias or name for name, info in schema.model_fields.items()})
        wrong = ", ".join(f"{shown_name(name)} ({what})" for name, what in problems.items())
        return ConfigurationError(
            code="config.invalid_option",
            message=f"{shown_url(str(self))}: invalid options: {wrong}; "
            f"known options: {', '.join(known) or 'none'}",
            details={"options": [shown_name(name) for name in problems], "known": known},
        )


def parse_url(url: str) -> BackendUrl:
    """Parse the URL of a backend (RFC 3986, with `scheme://` required).

    Guarantees: a URL that is ambiguous is refused and not guessed at; no message shows more of it
    than `redact_url` does. Host lists (`a:9092,b:9092`), IPv6 addresses, unix paths and an absent
    authority (`unix:///run/redis.sock`, `memory://`) are understood.

    Args:
        url: At most 8192 characters, 100 query parameters. Reserved characters in a user name, a
            password or a path are percent-encoded.

    Raises:
        TypeError: `url` is not a string.
        ConfigurationError: `config.unknown_scheme` without a scheme; `config.invalid_option` for a
            query key `password`, `token`, `secret` or `key`, because credentials go into the
            user info; else `config.invalid_url`: a control character (an encoded one too), a
            fragment, a bad host or port, bad percent-encoding, or too long.
    """
    scheme, rest = split_scheme(url)
    if len(url) > MAX_URL_LENGTH:
        raise _invalid(url, f"longer than {MAX_URL_LENGTH} characters")
    if not url.isprintable():
        raise _invalid(url, "control characters are not allowed")
    if "#" in rest:
        raise _invalid(url, "a fragment is not allowed; write # as %23")
    location, _, query = rest.partition("?")
    authority, slash, path = location.partition("/")
    user_info, _, host_list = authority.rpartition("@")
    username, _, password = user_info.partition(":")
    hosts = tuple(_host_and_port(url, host) for host in host_list.split(",")) if host_list else ()
    parameters = _parameters(url, query)
    first_host, first_port = hosts[0] if hosts else (None, None)
    return BackendUrl(
        scheme=scheme,
        username=_decoded(url, username) or None,
        password=_decoded(url, password) or None,
        host=first_host,
        port=first_port,
        path=_decoded(url, slash + path),
        query=MappingProxyType(dict(parameters)),
        driver_url=f"{scheme}://{location}",
        hosts=hosts,
        parameters=parameters,
    )


def split_scheme(url: str) -> tuple[str, str]:
    """Give the scheme in lower case, and what follows `://`.

    Raises:
        TypeError: `url` is not a string.
        ConfigurationError: `config.unknown_scheme`: there is none.
    """
    if not isinstance(url, str):
        raise TypeError("a backend URL must be a string")
    scheme, separator, rest = url.partition("://")
    if not separator or not _SCHEME.fullmatch(scheme):
        raise ConfigurationError(
            code="config.unknown_scheme",
            # The text is not shown: without a scheme it may be anything, a bare secret too.
            message="the text is no backend URL: it does not begin with scheme://",
        )
    return scheme.lower(), rest


def _parameters(url: str, query: str) -> tuple[tuple[str, str], ...]:
    if not query:
        return ()
    try:
        pairs = parse_qsl(
            query, keep_blank_values=True, errors="strict", max_num_fields=MAX_QUERY_PARAMETERS
        )
    except ValueError:
        # The cause quotes the text, and so does that of `_decoded`.
        raise _invalid(
            url, f"bad percent-encoding, or more than {MAX_QUERY_PARAMETERS} parameters"
        ) from None
    for name, value in pairs:
        if not (name + value).isprintable():
            raise _invalid(url, "control characters are not allowed")
        if name.removeprefix(DRIVER_PREFIX).lower() in _SECRET_OPTIONS:
            raise ConfigurationError(
                code="config.invalid_option",
                message=f"{shown_url(url)}: {name} is not allowed in the query; "
                "credentials go into the user info (scheme://user:password@host)",
                details={"options": [name]},
            )
    return tuple(pairs)


def _host_and_port(url: str, text: str) -> tuple[str, int | None]:
    if text.startswith("["):
        address, bracket, rest = text[1:].partition("]")
        host = _decoded(url, address)
        if not bracket or not _is_ipv6(host) or (rest and not rest.startswith(":")):
            raise _invalid(url, "the host is not a valid IPv6 address in brackets")
        port = rest[1:]
    else:
        name, _, port = text.partition(":")
        if not name or _BAD_IN_HOST.search(name):
            raise _invalid(url, "the host is missing or has characters that are not allowed")
        host = _decoded(url, name)
    if not port:
        return host, None
    if not _PORT.fullmatch(port) or int(port) > 65535:
        raise _invalid(url, "the port is not a number from 0 to 65535")
    return host, int(port)


def _is_ipv6(text: str) -> bool:
    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True


def _decoded(url: str, text: str) -> str:
    if "%" not in text:
        return text
    try:
        decoded = unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise _invalid(url, "bad percent-encoding") from None
    if not decoded.isprintable():
        raise _invalid(url, "control characters are not allowed, encoded ones neither")
    return decoded


def _invalid(url: str, reason: str) -> ConfigurationError:
    return ConfigurationError(code="config.invalid_url", message=f"{shown_url(url)}: {reason}")


def _field_names(schema: type[StrictSchema]) -> Mapping[str, str]:
    """The field that each accepted spelling of an option names."""
    fields = {info.alias: name for name, info in schema.model_fields.items() if info.alias}
    return fields | {name: name for name in schema.model_fields}


def _is_collection(annotation: Any) -> bool:
    origin = get_origin(annotation)
    if origin is Annotated:
        return _is_collection(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        return any(_is_collection(member) for member in get_args(annotation))
    return (origin or annotation) in (list, tuple, set, frozenset)
