"""Sentry with and without a policy in its hooks, and a transport that keeps what would leave."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sentry_sdk
from sentry_sdk.envelope import Envelope
from sentry_sdk.scrubber import EventScrubber
from sentry_sdk.transport import Transport

from mic.redaction import RedactionPolicy
from mic.testing import Canaries, assert_no_secrets
from mic.testing._canary_sentry import FAILURES, SENTRY_SHAPES
from mic.testing._canary_shapes import SHAPES
from mic.testing.canaries import SecretLeakError


class Kept(Transport):
    """Keeps envelopes instead of sending them, and what kinds of items they had."""

    def __init__(self) -> None:
        super().__init__({"dsn": "http://key@127.0.0.1/1"})
        self.bodies: list[bytes] = []
        self.kinds: set[str] = set()

    def capture_envelope(self, envelope: Envelope) -> None:
        self.bodies.append(envelope.serialize())
        self.kinds |= {str(item.type) for item in envelope}


SetUp = Callable[[RedactionPolicy], Kept]


@pytest.fixture
def set_up() -> Iterator[SetUp]:
    def start(policy: RedactionPolicy) -> Kept:
        def redact(event: Any, hint: Any) -> Any:
            return policy.apply(event)

        kept = Kept()
        sentry_sdk.init(
            dsn="http://key@127.0.0.1/1",
            transport=kept,
            default_integrations=False,
            event_scrubber=EventScrubber(denylist=[], pii_denylist=[]),  # the policy alone
            auto_session_tracking=False,
            traces_sample_rate=1.0,
            enable_logs=True,
            before_send=redact,
            before_send_transaction=redact,
            before_send_log=redact,
            before_send_metric=redact,
        )
        return kept

    yield start
    sentry_sdk.get_client().close(timeout=0)
    sentry_sdk.get_global_scope().set_client(None)


def planted(canaries: Canaries, kept: Kept) -> list[bytes]:
    canaries.plant_sentry()
    sentry_sdk.flush()
    return kept.bodies


def test_without_a_policy_every_shape_comes_out(set_up: SetUp) -> None:
    canaries = Canaries()
    bodies = planted(canaries, set_up(RedactionPolicy.none()))
    with pytest.raises(SecretLeakError, match="secrets left") as caught:
        assert_no_secrets(canaries, bodies)
    found = {line.split(": ")[0].strip() for line in str(caught.value).splitlines()[1:]}
    # a `Secret` shows itself to nobody, policy or not
    assert found == {f"sentry, {shape}" for shape in SENTRY_SHAPES if shape != "a Secret"}


def test_with_a_policy_in_every_hook_nothing_comes_out(set_up: SetUp) -> None:
    canaries = Canaries()
    kept = set_up(RedactionPolicy(canaries.redactors))
    assert_no_secrets(canaries, planted(canaries, kept))
    assert kept.kinds == {"event", "transaction", "log", "trace_metric"}


def test_one_value_leaves_nothing_to_the_next(set_up: SetUp) -> None:
    canaries = Canaries(count=12)
    planted(canaries, kept := set_up(RedactionPolicy.none()))
    counted = [sum(value.encode() in body for body in kept.bodies) for value in canaries.planted]
    assert counted == [1, 1]


def test_every_shape_is_planted_and_told(set_up: SetUp) -> None:
    set_up(RedactionPolicy.none())
    canaries = Canaries()
    canaries.plant_sentry()
    shapes = {each.shape for each in canaries.planted.values() if each.pillar == "sentry"}
    assert shapes == set(SENTRY_SHAPES) > set(SHAPES) | set(FAILURES)


def test_without_sentry_set_up_nothing_is_planted(secret_canaries: Canaries) -> None:
    with pytest.raises(RuntimeError, match="sentry_sdk is not initialised"):
        secret_canaries.plant_sentry()
    assert not secret_canaries.planted


def test_without_the_sdk_the_extra_is_told(
    secret_canaries: Canaries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sentry_sdk", None)
    told = r"^Canaries\.plant_sentry needs sentry_sdk: install mic-testing\[sentry\]$"
    with pytest.raises(ImportError, match=told):
        secret_canaries.plant_sentry()
