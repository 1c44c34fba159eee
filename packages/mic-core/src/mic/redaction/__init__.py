"""What may not leave the process, and what stands in its place.

One compiled `RedactionPolicy` says which names and which shapes of text are redacted and how; logs,
traces, metrics, events and error reports apply it at their last stage. A plain dict of redactors by
name is accepted wherever a policy is.
"""

from mic.redaction._failures import error_counts
from mic.redaction._names import SECRET_NAMES
from mic.redaction._patterns import SECRET_PATTERNS, ValuePattern
from mic.redaction._policy import (
    PolicyLike,
    RedactionPolicy,
    apply_field_redactors,
    redact_fields,
)
from mic.redaction._secret import Redact, Secret
from mic.redaction._strategies import (
    REDACTED_SECRET,
    FieldRedactor,
    FieldRedactors,
    redact_drop,
    redact_hash,
    redact_mask,
    redact_partial,
)
from mic.redaction._topics import SanitizableEvent, TopicRedactionPolicy, sanitize_payload

__all__ = [
    "FieldRedactor",
    "FieldRedactors",
    "PolicyLike",
    "REDACTED_SECRET",
    "Redact",
    "RedactionPolicy",
    "SECRET_NAMES",
    "SECRET_PATTERNS",
    "SanitizableEvent",
    "Secret",
    "TopicRedactionPolicy",
    "ValuePattern",
    "apply_field_redactors",
    "error_counts",
    "redact_drop",
    "redact_fields",
    "redact_hash",
    "redact_mask",
    "redact_partial",
    "sanitize_payload",
]
