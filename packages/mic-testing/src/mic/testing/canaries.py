"""Proof that nothing leaves: values that are planted wherever a secret could be, and looked for in
everything that came out.

```python
def test_no_secret_leaves(secret_canaries, capsys):
    configure_logging(redactors=secret_canaries.redactors)
    secret_canaries.plant_logs(logging.getLogger("orders"))
    assert_no_secrets(secret_canaries, capsys.readouterr().out)
```
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from mic.redaction import FieldRedactors, redact_drop
from mic.testing._canary_sentry import SENTRY_SHAPES, planter
from mic.testing._canary_shapes import RULED_NAMES, SHAPES, fail, forms_of, readings_of

__all__ = ["Canaries", "Planted", "SecretLeakError", "assert_no_secrets"]

PILLARS = ("logs", "spans", "metrics", "events", "http", "sentry")
_LOG_SHAPES = (
    "a positional argument",
    "a named argument",
    "an exception",
    "the cause of an exception",
    "an exception of a group",
    "a local variable of a frame",
)
_SPAN_SHAPES = ("a start attribute", "an attribute", "an event", "a recorded exception")
_HTTP_SHAPES = ("a query parameter", "a bearer token", "a cookie", "a header", "a body")
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_RANDOM_CHARACTERS = 20


class SecretLeakError(AssertionError):
    """A planted value came out. The message says where it had been planted, never what it is."""


@dataclass(frozen=True, slots=True)
class Planted:
    """Where a value was planted.

    Attributes:
        pillar: `logs`, `spans`, `metrics`, `events`, `http` or `sentry`.
        shape: In which form it was hidden.
    """

    pillar: str
    shape: str


class Canaries:
    """Values that stand for secrets, each with one place and one shape of its own.

    Guarantees: values are unique and made of letters and digits only, so that quoting, percent- and
    JSON-escaping leave them as they are; the same seed makes the same ones. Every pillar gets every
    shape it has, as far as `count` reaches.

    Args:
        count: How many, at least 1.
        seed: Of the values' random part.

    Attributes:
        values: All values.
        redactors: A rule for every planted field name: a service configured with them, or with any
            policy that holds them, lets nothing out.
    """

    def __init__(self, *, count: int = 200, seed: int = 0) -> None:
        if count < 1:
            msg = "Canaries.count must be at least 1"
            raise ValueError(msg)
        letters = random.Random(seed)  # nosec B311 - to be recognised, not to be secret
        self.values = tuple(
            f"CANARY{n:04d}" + "".join(letters.choices(_ALPHABET, k=_RANDOM_CHARACTERS))
            for n in range(count)
        )
        self.redactors: FieldRedactors = dict.fromkeys(RULED_NAMES, redact_drop)
        self._planted: dict[str, Planted] = {}

    @property
    def planted(self) -> Mapping[str, Planted]:
        """Where each value was planted so far."""
        return MappingProxyType(self._planted)

    def _share(self, pillar: str, shapes: Sequence[str]) -> Iterable[tuple[str, str]]:
        """The values of a pillar, each with its shape."""
        for n, value in enumerate(self.values[PILLARS.index(pillar) :: len(PILLARS)]):
            shape = shapes[n % len(shapes)]
            self._planted[value] = Planted(pillar, shape)
            yield value, shape

    def plant_logs(self, logger: Any) -> None:
        """Log every shape: extra fields, arguments, exceptions, causes, groups, frame locals.

        Args:
            logger: A `logging.Logger`, or what has its methods.
        """
        for value, shape in self._share("logs", (*SHAPES, *_LOG_SHAPES)):
            if shape in SHAPES:
                logger.warning("planted", extra=SHAPES[shape](value))
            elif shape == "a positional argument":
                logger.warning("planted %s", f"token={value}")
            elif shape == "a named argument":
                logger.warning("planted %(password)s", {"password": value})
            else:
                _log_failure(logger, value, shape)

    def plant_spans(self, tracer: Any) -> None:
        """Make spans with start attributes, attributes, events and recorded exceptions.

        Args:
            tracer: An OpenTelemetry `Tracer`.
        """
        for value, shape in self._share("spans", _SPAN_SHAPES):
            start = {"canary_email": value} if shape == "a start attribute" else {}
            with tracer.start_as_current_span("planted", attributes=start) as span:
                if shape == "an attribute":
                    span.set_attribute("canary_account", value)
                elif shape == "an event":
                    span.add_event("planted", {"password": value})
                elif shape == "a recorded exception":
                    span.record_exception(ValueError(f"token={value}"))

    def plant_metrics(self, backend: Any) -> None:
        """Use values as labels: of counters, of measurements, and in place of a label's name.

        Args:
            backend: A `mic.observability.MetricsBackend`; what it refuses was not planted in vain.
        """
        for value, shape in self._share(
            "metrics", ("a label", "a label of a measurement", "a name")
        ):
            with suppress(ValueError):
                if shape == "a label":
                    backend.increment("planted", labels={"canary_email": value})
                elif shape == "a label of a measurement":
                    backend.observe("planted", 1.0, labels={"password": value})
                else:
                    backend.increment("planted", labels={value: "x"})

    def plant_events(self) -> Sequence[dict[str, Any]]:
        """Payloads of events, one a shape and value, for a bus, an outbox or an audit log."""
        return [SHAPES[shape](value) for value, shape in self._share("events", tuple(SHAPES))]

    def plant_sentry(self) -> None:
        """Report messages, exceptions, a span, a log line and a metric, with values in texts, tags,
        users, contexts, breadcrumbs, extra data and local variables.

        What the set-up keeps back (logs and transactions are off unless it switches them on) was
        not planted in vain: it did not leave.

        Raises:
            ImportError: `mic-testing[sentry]` is not installed.
            RuntimeError: `sentry_sdk` is not initialised.
        """
        plant = planter()
        for value, shape in self._share("sentry", SENTRY_SHAPES):
            plant(value, shape)

    def plant_http(self, client: Any, paths: Sequence[str]) -> None:
        """Send requests with values in query, credentials, cookies, headers and bodies.

        Args:
            client: `RouteClient`, `httpx.Client`, or what has their `request`.
            paths: Sent to in turn. What the application lets out does not end it.
        """
        for n, (value, shape) in enumerate(self._share("http", _HTTP_SHAPES)):
            path = paths[n % len(paths)]
            headers = {}
            body: Any = {"name": "planted"}
            if shape == "a query parameter":
                path = f"{path}?access_token={value}"
            elif shape == "a bearer token":
                headers["authorization"] = f"Bearer {value}"
            elif shape == "a cookie":
                headers["cookie"] = f"session_id={value}"
            elif shape == "a header":
                headers["x-api-key"] = value
            else:
                body = {"name": {"password": value}}
            with suppress(Exception):
                client.request("POST", path, headers=headers, json=body)


def _log_failure(logger: Any, password: str, shape: str) -> None:
    # a function of its own: where local variables are logged, all frames are
    try:
        fail(password, shape)
    except Exception:
        logger.exception("planted")


def assert_no_secrets(
    canaries: Canaries, *outputs: bytes | bytearray | str | Iterable[bytes | bytearray | str]
) -> None:
    """Fail where a value of `canaries` is in an output: as it is, or in hex, base64, percent- or
    JSON-escaped.

    Args:
        canaries: What was planted.
        outputs: Everything that came out: logs, scrapes, spans, rows, bodies; texts, bytes, or
            several of them.

    Raises:
        SecretLeakError: Names pillar and shape of every value found, and the output and offset
            where it stands; never prints a value.
    """
    needles = _Needles(canaries)
    leaks = [
        leak for place, output in _numbered(outputs) for leak in needles.leaks_in(place, output)
    ]
    if leaks:
        raise SecretLeakError(f"{len(leaks)} secrets left:\n" + "\n".join(leaks))


def _numbered(outputs: Iterable[Any]) -> Iterable[tuple[str, bytes]]:
    for n, output in enumerate(outputs):
        single = isinstance(output, bytes | bytearray | str)
        for m, piece in enumerate([output] if single else output):
            place = f"output {n}" if single else f"output {n}, item {m}"
            yield place, piece.encode() if isinstance(piece, str) else bytes(piece)


class _Needles:
    """What is looked for, in lower case: every form of every value."""

    def __init__(self, canaries: Canaries) -> None:
        self._planted = canaries.planted
        self._forms = {
            value: [form.lower() for form in forms_of(value)] for value in canaries.values
        }
        # how each form begins, whatever the value: most outputs hold none of these
        self._beginnings = [_beginning(forms) for forms in zip(*self._forms.values(), strict=True)]

    def leaks_in(self, place: str, output: bytes) -> Iterator[str]:
        """A line for every value that an output holds."""
        readings = [
            lowered
            for lowered in map(bytes.lower, readings_of(output))
            if any(beginning in lowered for beginning in self._beginnings)
        ]
        for value, forms in self._forms.items() if readings else ():
            found = [reading.find(form) for reading in readings for form in forms]
            offsets = [offset for offset in found if offset >= 0]
            if offsets:
                where = self._planted.get(value)
                planted = f"{where.pillar}, {where.shape}" if where else "not planted by a pillar"
                yield f"  {planted}: {place}, at {min(offsets)}"


def _beginning(texts: Sequence[bytes]) -> bytes:
    """What all texts begin with."""
    first, last = min(texts), max(texts)
    pairs = enumerate(zip(first, last, strict=False))
    return first[: next((n for n, (one, other) in pairs if one != other), len(first))]
