"""What a good token says: `ServiceAuthClaims`."""

from typing import Any

from pydantic import ConfigDict, Field, field_validator

from mic.auth._frozen import EMPTY, FrozenDict, freeze
from mic.auth._scopes import is_scope
from mic.contracts import StrictSchema
from mic.model import ForbiddenError

__all__ = ["ServiceAuthClaims"]


class ServiceAuthClaims(StrictSchema):
    """The claims of a verified token (RFC 7519, section 4).

    Guarantees: texts are as they were signed, nothing is stripped or folded. Nobody can change an
    object that another caller holds: attributes can not be set, and `extra` is a `dict` that
    refuses to change, with all containers in it.

    Attributes:
        iss: The service that calls.
        aud: The service that is called: the verifier's own audience.
        iat: When the token was made, Unix seconds.
        exp: When it ends, Unix seconds.
        sub: For whom the service calls.
        jti: The id of the token.
        extra: All further members of the token, `scope` included.
        scopes: What the token allows.
    """

    model_config = ConfigDict(str_strip_whitespace=False)

    iss: str
    aud: str
    iat: int
    exp: int
    sub: str | None = None
    jti: str | None = None
    extra: dict[str, Any] = Field(default=EMPTY)
    scopes: tuple[str, ...] = ()

    @field_validator("extra", mode="after")
    @classmethod
    def _frozen(cls, value: dict[str, Any]) -> FrozenDict:
        frozen: FrozenDict = freeze(value)
        return frozen

    def require(self, scope: str) -> None:
        """Let only a token with a scope go on.

        Guarantee: scopes are compared exactly; there are no wildcards.

        Raises:
            ForbiddenError: The token does not have it; code `service_auth.insufficient_scope`.
            ValueError: `scope` is not one scope.
        """
        if scope in self.scopes:
            return
        if not is_scope(scope):
            raise ValueError("ServiceAuthClaims.require: scope must be one scope")
        raise ForbiddenError(
            code="service_auth.insufficient_scope",
            message="The token does not have the scope that is needed",
            headers={
                # RFC 6750, section 3.1
                "WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'
            },
        )
