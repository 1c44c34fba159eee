"""What is found out on the way to a decision, and what follows from it: one rule for the gate of a
route and the gate around it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mic.http._auth_mode import AuthMode
from mic.http._credentials import (
    NO_CREDENTIALS,
    NO_VERIFIER,
    invalid_credentials,
    missing_credentials,
)
from mic.http._modes import shortfall
from mic.http.authenticators import ask
from mic.model import DomainError, ForbiddenError

if TYPE_CHECKING:
    from mic.http._auth_steps import AuthDecision
    from mic.http._threads import WorkerPool
    from mic.http.authenticators import Authenticator
    from mic.http.principal import Principal
    from mic.http.request_context import HttpRequestContext


class Inquiry:
    """Collects the answers for one request and one mode.

    Attributes:
        mode: The mode that has to be satisfied.
        answered: Whether anybody was there who could tell.
        refusals: The errors of bad credentials and of verifiers that could not tell.
    """

    __slots__ = ("_admin_role", "_lack", "answered", "mode", "refusals")

    def __init__(self, mode: AuthMode, admin_role: str) -> None:
        self.mode = mode
        self.answered = False
        self.refusals: list[DomainError] = []
        self._admin_role = admin_role
        self._lack: str | None = None

    def accepts(self, principal: Principal) -> bool:
        """Take a principal; tell whether it satisfies the mode."""
        self.answered = True
        lack = shortfall(principal, self.mode, self._admin_role)
        self._lack = lack or self._lack
        return lack is None

    async def ask(
        self, authenticator: Authenticator, context: HttpRequestContext, workers: WorkerPool
    ) -> Principal | None:
        """Ask an authenticator; `None`: it knows nobody who satisfies the mode."""
        self.answered = True
        try:
            principal = await ask(authenticator, context, workers)
        except DomainError as error:
            self.refusals.append(error)
            return None
        return principal if principal is not None and self.accepts(principal) else None

    def takes(self, decision: AuthDecision, refusal: DomainError | None = None) -> bool:
        """Take the decision of a gate, with the error behind it; tell whether it is positive."""
        if decision.outcome == "proceed":
            self.answered = True
            # an anonymous pass proves nothing about a credential that somebody else refused
            return decision.principal is not None or self.mode is not AuthMode.OPTIONAL
        self.answered = self.answered or decision.reason != NO_VERIFIER
        if decision.outcome == "forbidden":
            self._lack = decision.reason or "role"
        elif decision.reason not in (NO_CREDENTIALS, NO_VERIFIER):
            self.refusals.append(refusal or invalid_credentials())
        return False

    def conclude(self) -> None:
        """Refuse, unless the mode is content with nobody.

        A verifier that could not tell comes first: what it would have said may be a yes. A caller
        who is known for what it is comes before a credential that is not good.

        Raises:
            DomainError: The refusal.
        """
        for error in self.refusals:
            if error.http_status_code >= 500:
                raise error
        if self._lack is not None:
            raise forbidden(self._lack)
        if self.refusals:
            raise self.refusals[0]
        if self.mode is not AuthMode.OPTIONAL:
            raise missing_credentials()


def forbidden(reason: str) -> ForbiddenError:
    """The error for a caller that is known and may not: 403 `auth.forbidden`."""
    return ForbiddenError(
        code="auth.forbidden",
        message="the caller is not allowed to do this",
        details={"reason": reason},
    )
