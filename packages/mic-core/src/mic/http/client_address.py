"""Whose request it is: the address of the client behind proxies that are trusted.

One engine for contexts, logs, traces and rate limits, so that they never disagree.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from mic.http.options import ForwardHeader

__all__ = ["PRIVATE_NETWORKS", "ForwardHeader", "TrustedProxies", "resolve_client_address"]

PRIVATE_NETWORKS: tuple[str, ...] = (
    "127.0.0.0/8",
    "::1/128",
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "fc00::/7",
    "169.254.0.0/16",
    "fe80::/10",
)
"""Loopback, RFC 1918, RFC 4193 and link-local addresses."""

_MAX_HOPS = 32
_LONGEST_ADDRESS = 64
# "[v6]", "[v6]:port", "v4:port"; a bare v6 address holds more than one colon
_BRACKETED = re.compile(r"\[([0-9A-Fa-f:.%]+)\](?::[0-9A-Za-z._-]+)?")
_WITH_PORT = re.compile(r"([0-9.]+):[0-9A-Za-z._-]+")
# RFC 7239, section 4: parameters of an element, the value a token or a quoted string
_FORWARDED_FOR = re.compile(
    r'(?:^|;)[ \t]*for=(?:"([^"\\]*)"|([^";,\s]+))[ \t]*(?=;|$)', re.ASCII | re.IGNORECASE
)

Address = IPv4Address | IPv6Address


class TrustedProxies:
    """The proxies whose word about the client's address counts.

    Guarantees: parsed once, then immutable; membership is remembered for at most 1,024 addresses.

    Args:
        cidrs: Networks or single addresses (`10.0.0.0/8`, `::1`), or `unix`: the peer of a Unix
            socket, which has no address.

    Raises:
        ValueError: One of them is neither, or has bits set behind its prefix.
    """

    __slots__ = ("_contains", "_networks", "_unix")

    def __init__(self, cidrs: Sequence[str] = ()) -> None:
        if isinstance(cidrs, str):
            msg = "trusted proxies are a sequence of networks, not one string"
            raise TypeError(msg)
        self._unix = "unix" in cidrs
        self._networks = tuple(ip_network(cidr) for cidr in cidrs if cidr != "unix")
        self._contains = lru_cache(maxsize=1024)(self._holds)

    def __contains__(self, peer: str | None) -> bool:
        return self._unix if peer is None else self._contains(peer)

    def __bool__(self) -> bool:
        return self._unix or bool(self._networks)

    def _holds(self, text: str) -> bool:
        address = _parse(text)
        return address is not None and any(address in network for network in self._networks)


def resolve_client_address(
    *,
    peer: str | None,
    headers: Iterable[tuple[bytes, bytes]],
    trusted_proxies: TrustedProxies,
    header: ForwardHeader,
) -> str | None:
    """Give the address of the client.

    Guarantees: a client can not choose it. It is the peer, unless the peer is a trusted proxy. Then
    the lines of the one header are joined and read from right to left, at most 32 hops: the first
    address outside the trusted proxies is the client; what is no address (`unknown`, obfuscated,
    malformed) ends the walk at the last valid one; where all are trusted, it is the leftmost.
    Ports and brackets are removed, and an IPv4-mapped IPv6 address becomes IPv4.

    Args:
        peer: Address of the socket's peer; `None` for a Unix socket.
        headers: Raw headers in the order received, names in lower case as ASGI gives them.
        trusted_proxies: Whose word counts.
        header: The one header that they write: `x-forwarded-for`, or `forwarded` (RFC 7239).

    Returns:
        The address, or `None` where the peer has none and nobody trusted named one. A peer that is
        no IP address (a test client's name) is given as it is.
    """
    address = None if peer is None else _normal(peer) or peer
    if peer not in trusted_proxies:
        return address
    hops = forwarded_hops(headers, header)
    for hop, _ in zip(hops, range(_MAX_HOPS), strict=False):
        if hop is None:
            break
        address = hop
        if hop not in trusted_proxies:
            break
    return address


def forwarded_hops(
    headers: Iterable[tuple[bytes, bytes]], header: ForwardHeader
) -> Iterator[str | None]:
    """The hops of a forwarding header from right to left; `None` for one that is no address."""
    name = header.encode()
    lines = [value.decode("latin-1") for key, value in headers if key == name]
    if not lines:
        return
    for element in _elements(", ".join(lines)):
        if header == "forwarded":
            match = _FORWARDED_FOR.search(element)
            yield None if match is None else _normal(match[1] or match[2] or "")
        else:
            yield _normal(element)


def _elements(text: str) -> Iterator[str]:
    """Split at commas outside of quotes, from the right, where the trusted proxies wrote.

    Whatever a client wrote to the left, an open quote for instance, so can not touch them.
    """
    end = len(text)
    quoted = False
    for index in range(end - 1, -1, -1):
        if text[index] == '"' and text[index - 1 : index] != "\\":
            quoted = not quoted
        elif text[index] == "," and not quoted:
            yield text[index + 1 : end]
            end = index
    yield text[:end]


def _normal(text: str) -> str | None:
    """An address without port and brackets, in its canonical spelling; `None` for anything else."""
    text = text.strip(" \t")
    match = _BRACKETED.fullmatch(text) or _WITH_PORT.fullmatch(text)
    address = _parse(match[1] if match else text)
    return None if address is None else str(address)


def _parse(text: str) -> Address | None:
    # refused before it becomes a key of the cache, so that the cache is bounded in bytes too
    return _parse_short(text) if len(text) <= _LONGEST_ADDRESS else None


@lru_cache(maxsize=1024)
def _parse_short(text: str) -> Address | None:
    try:
        # a zone ("%eth0") names an interface of the proxy: of no use elsewhere
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return address if mapped is None else mapped
