from mic.http._disconnect import ClientDisconnectedError
from mic.model import DomainError


def test_is_no_outcome_that_anybody_is_answered_with() -> None:
    assert not issubclass(ClientDisconnectedError, DomainError)
