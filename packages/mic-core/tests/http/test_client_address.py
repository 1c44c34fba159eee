"""`mic.http.client_address`: a client can not choose its address."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic.http.client_address import (
    PRIVATE_NETWORKS,
    ForwardHeader,
    TrustedProxies,
    forwarded_hops,
    resolve_client_address,
)

PROXIES = TrustedProxies(("10.0.0.0/8", "fd00::/8"))


def resolve(
    *lines: str,
    peer: str | None = "10.0.0.1",
    trusted: TrustedProxies = PROXIES,
    header: ForwardHeader = "x-forwarded-for",
) -> str | None:
    headers = [(b"host", b"a"), *((header.encode(), line.encode("latin-1")) for line in lines)]
    return resolve_client_address(
        peer=peer, headers=headers, trusted_proxies=trusted, header=header
    )


def forwarded(*lines: str, peer: str | None = "10.0.0.1") -> str | None:
    return resolve(*lines, peer=peer, header="forwarded")


class TestTrustedProxies:
    def test_holds_networks_and_addresses(self) -> None:
        proxies = TrustedProxies(("10.0.0.0/8", "192.0.2.7", "::1"))
        assert "10.255.0.1" in proxies
        assert "192.0.2.7" in proxies
        assert "::1" in proxies
        assert "::ffff:10.0.0.1" in proxies
        assert "fe80::1%eth0" in TrustedProxies(("fe80::/10",))
        for other in ("192.0.2.8", "testclient", "", "10.0.0", "1" * 100, None):
            assert other not in proxies

    def test_a_unix_socket_has_no_address(self) -> None:
        assert None in TrustedProxies(("unix",))
        assert "unix" not in TrustedProxies(("unix",))

    def test_none_are_trusted_by_default(self) -> None:
        assert not TrustedProxies()
        assert TrustedProxies(("unix",))
        assert TrustedProxies(("10.0.0.0/8",))

    @pytest.mark.parametrize("cidr", ["", "10.0.0.1/8", "localhost", "10.0.0.0/33"])
    def test_refuses_what_is_no_network(self, cidr: str) -> None:
        with pytest.raises(ValueError, match=r"does not appear|has host bits|not permitted"):
            TrustedProxies((cidr,))

    def test_one_text_is_no_sequence(self) -> None:
        with pytest.raises(TypeError, match="not one string"):
            TrustedProxies("10.0.0.0/8")

    def test_the_private_networks(self) -> None:
        proxies = TrustedProxies(PRIVATE_NETWORKS)
        private = ("127.0.0.1", "::1", "10.1.1.1", "172.31.0.1", "192.168.0.1")
        assert all(each in proxies for each in (*private, "fd00::1", "169.254.1.1", "fe80::1"))
        assert all(each not in proxies for each in ("172.32.0.1", "8.8.8.8", "2001:db8::1"))


class TestPeer:
    def test_counts_where_nobody_is_trusted(self) -> None:
        assert resolve("6.6.6.6", peer="192.0.2.1") == "192.0.2.1"
        assert resolve("6.6.6.6", peer="192.0.2.1", trusted=TrustedProxies()) == "192.0.2.1"
        assert resolve("6.6.6.6", peer=None) is None

    def test_is_given_in_its_canonical_spelling(self) -> None:
        assert resolve(peer="::ffff:192.0.2.1") == "192.0.2.1"
        assert resolve(peer="2001:DB8:0:0::1") == "2001:db8::1"
        assert resolve(peer="fe80::1%eth0") == "fe80::1"
        assert resolve(peer="testclient") == "testclient"

    def test_of_a_unix_socket_can_be_trusted(self) -> None:
        unix = TrustedProxies(("unix", "10.0.0.0/8"))
        assert resolve("192.0.2.9, 10.0.0.2", peer=None, trusted=unix) == "192.0.2.9"
        assert resolve(peer=None, trusted=unix) is None


class TestForwardedFor:
    def test_the_first_address_outside_the_proxies_from_the_right(self) -> None:
        assert resolve("6.6.6.6, 192.0.2.9") == "192.0.2.9"
        assert resolve("6.6.6.6, 192.0.2.9, 10.0.0.2") == "192.0.2.9"
        assert resolve("6.6.6.6", "192.0.2.9", "10.0.0.2, 10.0.0.3") == "192.0.2.9"
        assert resolve() == "10.0.0.1"

    def test_where_all_are_trusted_the_leftmost(self) -> None:
        assert resolve("10.0.0.4, 10.0.0.3") == "10.0.0.4"

    @pytest.mark.parametrize("hop", ["unknown", "_hidden", "", "a.b", "10.0.0.300", "x" * 100])
    def test_what_is_no_address_ends_the_walk(self, hop: str) -> None:
        assert resolve(f"6.6.6.6, {hop}, 10.0.0.2") == "10.0.0.2"
        assert resolve(f"6.6.6.6, {hop}") == "10.0.0.1"

    @pytest.mark.parametrize(
        ("hop", "address"),
        [
            ("192.0.2.9:4711", "192.0.2.9"),
            ("[2001:db8::1]:4711", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("2001:db8::1", "2001:db8::1"),
            ("::ffff:192.0.2.9", "192.0.2.9"),
            ("[::ffff:192.0.2.9]:80", "192.0.2.9"),
            ("\t192.0.2.9 ", "192.0.2.9"),
            ("2001:db8::1%eth0", "2001:db8::1"),
            (f"2001:db8::1%{'e' * 52}", "2001:db8::1"),
            (f"2001:db8::1%{'e' * 53}", "10.0.0.1"),
        ],
    )
    def test_ports_and_brackets_are_removed(self, hop: str, address: str) -> None:
        assert resolve(f"6.6.6.6,{hop}") == address

    def test_reads_at_most_32_hops(self) -> None:
        hops = ", ".join(["192.0.2.9"] + [f"10.0.1.{n}" for n in range(40)])
        assert resolve(hops) == "10.0.1.8"

    def test_another_header_is_not_read(self) -> None:
        headers = [(b"x-real-ip", b"6.6.6.6"), (b"forwarded", b"for=6.6.6.6")]
        address = resolve_client_address(
            peer="10.0.0.1", headers=headers, trusted_proxies=PROXIES, header="x-forwarded-for"
        )
        assert address == "10.0.0.1"


class TestForwarded:
    @pytest.mark.parametrize(
        ("line", "address"),
        [
            ("for=192.0.2.9", "192.0.2.9"),
            ("For=192.0.2.9;proto=https;by=10.0.0.1", "192.0.2.9"),
            ('by=10.0.0.1;for="192.0.2.9:4711"', "192.0.2.9"),
            ('for="[2001:db8::1]:4711"', "2001:db8::1"),
            ('for=6.6.6.6, for="192.0.2.9" ; host="a, b"', "192.0.2.9"),
            (r'for=6.6.6.6, for=192.0.2.9;host="a\", for=6.6.6.6"', "192.0.2.9"),
            ("for=192.0.2.9, for=10.0.0.2", "192.0.2.9"),
            ("for=unknown", "10.0.0.1"),
            ("for=_hidden, for=10.0.0.2", "10.0.0.2"),
            ("proto=https", "10.0.0.1"),
            ("xfor=192.0.2.9", "10.0.0.1"),
            ('for=""', "10.0.0.1"),
            ("for=", "10.0.0.1"),
            ("", "10.0.0.1"),
        ],
    )
    def test_reads_its_elements(self, line: str, address: str) -> None:
        assert forwarded(line) == address

    def test_an_open_quote_of_a_client_hides_nothing(self) -> None:
        assert forwarded('for="6.6.6.6, for=192.0.2.9') == "192.0.2.9"
        assert forwarded('for="6.6.6.6', "for=192.0.2.9") == "192.0.2.9"


@given(prefix=st.text(st.characters(max_codepoint=255), max_size=60))
def test_whatever_a_client_sends_the_proxy_s_word_counts(prefix: str) -> None:
    assert resolve(f"{prefix}, 192.0.2.9") == "192.0.2.9"
    assert forwarded(prefix, "for=192.0.2.9") == "192.0.2.9"


@given(lines=st.lists(st.text(st.characters(max_codepoint=255), max_size=60), max_size=3))
def test_an_untrusted_peer_is_never_anybody_else(lines: list[str]) -> None:
    assert resolve(*lines, peer="192.0.2.1") == "192.0.2.1"
    assert forwarded(*lines, peer="192.0.2.1") == "192.0.2.1"


@pytest.mark.parametrize("text", [',"' * 30_000, "," * 60_000, "[" * 60_000, "1." * 30_000])
@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded"])
def test_a_long_header_costs_little(text: str, header: Any) -> None:
    started = time.perf_counter()
    assert resolve(text, header=header) == "10.0.0.1"
    assert time.perf_counter() - started < 1.0


def test_gives_the_hops_from_the_right() -> None:
    headers = [(b"x-forwarded-for", b"192.0.2.1, bad"), (b"x-forwarded-for", b"10.0.0.2")]
    assert list(forwarded_hops(headers, "x-forwarded-for")) == ["10.0.0.2", None, "192.0.2.1"]
    assert list(forwarded_hops([], "x-forwarded-for")) == []
