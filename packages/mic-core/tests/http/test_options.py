from typing import Any

import pytest

from mic.http.options import DEFAULT_OPTIONS, HttpOptions


@pytest.mark.parametrize(
    "name",
    [
        "max_body_bytes",
        "max_multipart_bytes",
        "max_form_parts",
        "max_query_parameters",
        "max_validation_errors",
        "thread_limit",
    ],
)
def test_a_limit_is_at_least_one(name: str) -> None:
    with pytest.raises(ValueError, match=rf"HttpOptions.{name} must be at least 1"):
        HttpOptions(**{name: 0})  # type: ignore[arg-type]


def test_a_queue_may_be_empty_but_not_negative() -> None:
    assert HttpOptions(thread_queue_limit=0).thread_queue_limit == 0
    with pytest.raises(ValueError, match="thread_queue_limit must be at least 0"):
        HttpOptions(thread_queue_limit=-1)


def test_default_options_share_their_threads_and_others_do_not() -> None:
    assert HttpOptions().workers is DEFAULT_OPTIONS.workers
    own: Any = HttpOptions(thread_limit=2)
    assert own.workers is own.workers
    assert own.workers is not HttpOptions(thread_limit=2).workers
