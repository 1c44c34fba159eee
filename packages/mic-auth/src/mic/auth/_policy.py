"""Whom a verifier believes, as one value that is swapped as a whole."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

from mic.auth._claim_rules import Rules
from mic.auth._refusals import RefusalError
from mic.auth._texts import checked_text
from mic.auth.key_ring import AsyncKeySource, KeySource
from mic.auth.keys import ServiceKey, secret_key

MAX_SECRETS = 8
"""The most secrets of a verifier: the current one, and those before it."""

AnyKeySource = KeySource | AsyncKeySource


class Issuer(NamedTuple):
    """Somebody who may sign; `source` is `None` where the shared secrets verify it."""

    name: str
    source: AnyKeySource | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a constructor or `update` was given, checked as far as each value goes alone."""

    secrets: tuple[ServiceKey, ...]
    keys: Mapping[str, AnyKeySource]
    rules: Rules
    allowed_issuers: tuple[str, ...] | None


@dataclass(frozen=True, slots=True, eq=False)
class Policy:
    """Whom a verifier believes; two are the same only if they are one object.

    Attributes:
        given: What it was made of.
        issuers: Everybody who may sign.
        performs_io: Whether asking for keys may wait.
    """

    given: Given
    issuers: Mapping[str, Issuer]
    performs_io: bool

    def issuer_of(self, payload: dict[str, Any]) -> Issuer:
        """Choose the keys by the issuer that a token claims; nothing else is believed yet.

        Raises:
            RefusalError: `missing_claim`, `malformed`, or `invalid_issuer`: it is nobody we know.
        """
        if "iss" not in payload:
            raise RefusalError("missing_claim")
        name = payload["iss"]
        if not isinstance(name, str):
            raise RefusalError("malformed")
        issuer = self.issuers.get(name)
        if issuer is None:
            raise RefusalError("invalid_issuer")
        return issuer


def make_policy(owner: str, given: Given) -> Policy:
    """Bind every issuer to its keys.

    Args:
        owner: The class, for messages.
        given: Whom to believe.

    Raises:
        ValueError: There is nobody to believe, or an issuer has no keys, or keys no issuer.
    """
    if not given.secrets and not given.keys:
        msg = f"{owner}: secrets or keys must be given"
        raise ValueError(msg)
    names = given.allowed_issuers
    if names is None:
        if given.secrets:
            # With a shared secret every holder could be every issuer.
            msg = f"{owner}: allowed_issuers is required with secrets"
            raise ValueError(msg)
        names = tuple(given.keys)
    if not given.keys.keys() <= set(names):
        msg = f"{owner}: keys holds an issuer that is not in allowed_issuers"
        raise ValueError(msg)
    if not given.secrets and not set(names) <= given.keys.keys():
        msg = f"{owner}: allowed_issuers holds an issuer without keys"
        raise ValueError(msg)
    issuers = {name: Issuer(name, given.keys.get(name)) for name in names}
    return Policy(
        given=given,
        issuers=MappingProxyType(issuers),
        performs_io=any(waits(each.source) for each in issuers.values()),
    )


def waits(collaborator: object) -> bool:
    """Whether calling a collaborator may wait: it does, unless it says otherwise."""
    return collaborator is not None and getattr(collaborator, "performs_io", True) is not False


def checked_secrets(
    owner: str, secrets: Collection[str], *, allow_weak: bool
) -> tuple[ServiceKey, ...]:
    """Make keys of the secrets of a verifier.

    Raises:
        TypeError: It is a single string, or one is no text.
        ValueError: There are too many, or one is weak.
    """
    if isinstance(secrets, str | bytes):
        msg = f"{owner}: secrets must be a tuple of secrets, not one"
        raise TypeError(msg)
    if len(secrets) > MAX_SECRETS:
        msg = f"{owner}: secrets must be at most {MAX_SECRETS}"
        raise ValueError(msg)
    return tuple(
        secret_key(secret, f"{owner}: secrets[{number}]", allow_weak=allow_weak)
        for number, secret in enumerate(secrets)
    )


def checked_issuers(owner: str, issuers: Collection[str] | None) -> tuple[str, ...] | None:
    """Give the allowed issuers, as they are compared.

    Raises:
        TypeError: It is a single string, or one is no text.
        ValueError: There is none, or one is blank.
    """
    if issuers is None:
        return None
    if isinstance(issuers, str):
        msg = f"{owner}: allowed_issuers must be a tuple of issuers, not one"
        raise TypeError(msg)
    if not issuers:
        msg = f"{owner}: allowed_issuers must not be empty"
        raise ValueError(msg)
    return tuple(checked_text(each, f"{owner}: allowed_issuers") for each in issuers)
