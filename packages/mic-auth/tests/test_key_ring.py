from typing import Any

import pytest

from mic.auth import KeyRing, ServiceKey


def hs(kid: str, **options: Any) -> ServiceKey:
    return ServiceKey.hs256(f"{kid}-secret-".ljust(40, "s"), kid=kid, **options)


def test_the_first_key_that_can_sign_is_current() -> None:
    public = ServiceKey.generate().public()
    ring = KeyRing([public, hs("a"), hs("b")])
    assert ring.current is not None
    assert ring.current.kid == "a"
    assert ring.kids == (public.kid, "a", "b")
    assert not ring.performs_io
    chosen = KeyRing([hs("a"), hs("b")], current="b").current
    assert chosen is not None
    assert chosen.kid == "b"
    assert KeyRing([public]).current is None
    assert KeyRing([]).kids == ()


def test_candidates() -> None:
    old = hs("old", accept_without_kid=True)
    ring = KeyRing([hs("a"), old])
    assert [key.kid for key in ring.candidates("a")] == ["a"]
    assert ring.candidates("unknown") == ()
    assert ring.candidates(None) == (old,)


def test_rotation() -> None:
    ring = KeyRing([hs("a")])
    versions = [ring.version]
    ring.add(hs("b"))
    versions.append(ring.version)
    assert (ring.kids, ring.current and ring.current.kid) == (("a", "b"), "a")
    ring.promote("b")
    versions.append(ring.version)
    assert ring.current is not None
    assert ring.current.kid == "b"
    ring.retire("a")
    versions.append(ring.version)
    assert ring.kids == ("b",)
    assert ring.current is not None
    assert ring.candidates("a") == ()
    assert len(set(versions)) == 4


def test_a_refused_change_changes_nothing() -> None:
    ring = KeyRing([hs("a"), ServiceKey.generate().public()], max_keys=2)
    public = ring.kids[1]
    before = (ring.version, ring.kids, ring.current)
    for change, argument, match in (
        (ring.add, hs("a"), "keys must not have the same kid twice"),
        (ring.add, hs("c"), "keys must be at most max_keys, 2"),
        (ring.add, "text", "keys must be ServiceKeys, not str"),
        (ring.promote, "unknown", "kid names no key of the ring"),
        (ring.promote, public, "kid names a key that can not sign"),
        (ring.retire, "unknown", "kid names no key of the ring"),
        (ring.retire, "a", "kid is the key that signs; promote another one first"),
    ):
        call: Any = change
        with pytest.raises((ValueError, TypeError), match=f"KeyRing: {match}"):
            call(argument)
    assert (ring.version, ring.kids, ring.current) == before


def test_the_constructor_refuses() -> None:
    with pytest.raises(ValueError, match="the same kid twice"):
        KeyRing([hs("a"), hs("a")])
    with pytest.raises(ValueError, match="at most max_keys, 16"):
        KeyRing([hs(f"k{number}") for number in range(17)])
    with pytest.raises(ValueError, match="max_keys must be at least 1"):
        KeyRing([], max_keys=0)
    with pytest.raises(ValueError, match="current names no key"):
        KeyRing([hs("a")], current="b")
    public = ServiceKey.generate().public()
    with pytest.raises(ValueError, match="current names a key that can not sign"):
        KeyRing([public], current=public.kid)


def test_the_key_set_holds_public_parts_the_current_key_first() -> None:
    first, second = ServiceKey.generate("EdDSA"), ServiceKey.generate("ES256")
    ring = KeyRing([hs("a"), first, second], current=second.kid)
    keys = ring.to_jwks()["keys"]
    assert [key["kid"] for key in keys] == [second.kid, first.kid]
    for member in keys:
        assert not {"d", "k", "p", "q", "dp", "dq", "qi", "oth"} & member.keys()
        assert not ServiceKey.from_jwk(member).can_sign
        assert member["use"] == "sig"


def test_it_shows_names_only() -> None:
    assert repr(KeyRing([hs("a")])) == "KeyRing(kids=['a'], current='a')"
