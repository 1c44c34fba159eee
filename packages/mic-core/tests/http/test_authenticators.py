"""`mic.http.authenticators`: from a credential to a principal, or to a refusal."""

import threading
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

import pytest

from mic.http._threads import WorkerPool
from mic.http.api_key import hash_api_key
from mic.http.authenticators import (
    Authenticator,
    BuiltinAuthenticator,
    api_key_authenticator,
    ask,
    basic_authenticator,
    bearer_authenticator,
    composite_authenticator,
)
from mic.http.principal import Principal
from mic.http.request_context import HttpRequestContext
from mic.model import DomainError, ForbiddenError, TransientError, UnauthorizedError

ADA = Principal("ada")
BILLING = Principal("billing", kind="service")


def request(
    headers: Mapping[str, str] | None = None, cookies: Mapping[str, str] | None = None
) -> HttpRequestContext:
    return HttpRequestContext(headers=headers or {}, cookies=cookies or {})


def bearer(token: str) -> HttpRequestContext:
    return request({"authorization": f"Bearer {token}"})


def basic(text: str) -> HttpRequestContext:
    return request({"Authorization": "Basic " + b64encode(text.encode()).decode()})


def known(token: str) -> Principal | None:
    return {"good": ADA}.get(token)


class Fixed:
    """An authenticator of a user, asynchronous."""

    challenge = "Fixed"

    def __init__(self, outcome: Principal | Exception | None) -> None:
        self.outcome = outcome
        self.asked = 0

    async def authenticate(self, context: HttpRequestContext) -> Principal | None:
        self.asked += 1
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


class Blocking:
    """An authenticator of a user, synchronous."""

    challenge = "Blocking"

    def __init__(self, result: Any = ADA, *, performs_io: bool = True) -> None:
        self.performs_io = performs_io
        self.result = result
        self.thread: int | None = None

    def authenticate(self, context: HttpRequestContext) -> Any:
        self.thread = threading.get_ident()
        return self.result


class CountingPool:
    """In place of a `WorkerPool`: counts what is run in it."""

    def __init__(self) -> None:
        self.calls = 0

    async def run(self, function: Any, *args: Any) -> Any:
        self.calls += 1
        return function(*args)


@pytest.fixture
def workers() -> WorkerPool:
    return WorkerPool(limit=1, queue_limit=1)


class TestBearer:
    async def test_gives_the_principal_of_a_good_token(self) -> None:
        assert await bearer_authenticator(known).authenticate(bearer("good")) is ADA

    @pytest.mark.parametrize("result", [None, False])
    async def test_refuses_a_bad_token(self, result: Any) -> None:
        authenticator = bearer_authenticator(lambda token: result)
        with pytest.raises(UnauthorizedError, match="not valid") as caught:
            await authenticator.authenticate(bearer("bad"))
        assert caught.value.code == "auth.invalid_credentials"

    @pytest.mark.parametrize("value", ["Bearer", "Bearer a b", "bearer =", "Bearer a, Bearer b"])
    async def test_refuses_a_malformed_one(self, value: str) -> None:
        with pytest.raises(UnauthorizedError, match="does not hold one bearer token"):
            await bearer_authenticator(known).authenticate(request({"authorization": value}))

    @pytest.mark.parametrize("value", ["", "  ", "Basic YTpi", "good", "Bearerx good"])
    async def test_other_credentials_are_not_its_own(self, value: str) -> None:
        context = request({"authorization": value})
        assert await bearer_authenticator(known).authenticate(context) is None
        assert await bearer_authenticator(known).authenticate(request()) is None

    async def test_reads_claims_as_those_of_a_service(self) -> None:
        authenticator = bearer_authenticator(lambda token: {"sub": "billing", "scope": "a"})
        principal = await authenticator.authenticate(bearer("x"))
        assert principal is not None
        assert (principal.subject, principal.kind) == ("billing", "service")

    async def test_reads_claims_as_it_is_told(self) -> None:
        authenticator = bearer_authenticator(
            lambda token: {"uid": 7}, to_principal=lambda claims: Principal(f"user-{claims['uid']}")
        )
        assert await authenticator.authenticate(bearer("x")) == Principal("user-7")

    async def test_a_bare_yes_names_nobody(self) -> None:
        with pytest.raises(TypeError, match="'sub' or an 'iss'"):
            await bearer_authenticator(lambda token: True).authenticate(bearer("x"))

    async def test_takes_the_cookie_where_there_is_no_header(self) -> None:
        authenticator = bearer_authenticator(known, cookie="session")
        assert await authenticator.authenticate(request(cookies={"session": "good"})) is ADA
        assert await authenticator.authenticate(request(cookies={"session": ""})) is None
        assert await authenticator.authenticate(request(cookies={"other": "good"})) is None
        both = request({"authorization": "Bearer good"}, {"session": "bad"})
        assert await authenticator.authenticate(both) is ADA
        with pytest.raises(UnauthorizedError, match="not valid"):
            await authenticator.authenticate(request(cookies={"session": "g\u00e4rbage ;"}))
        assert (
            await bearer_authenticator(known).authenticate(request(cookies={"session": "good"}))
            is None
        )

    async def test_the_verifier_s_own_errors_pass(self) -> None:
        async def verify(token: str) -> Principal:
            raise {"late": TransientError(message="down")}.get(
                token, UnauthorizedError(code="service_auth.expired", message="expired")
            )

        with pytest.raises(TransientError, match="down"):
            await bearer_authenticator(verify).authenticate(bearer("late"))
        with pytest.raises(UnauthorizedError, match="expired") as caught:
            await bearer_authenticator(verify).authenticate(bearer("old"))
        assert caught.value.code == "service_auth.expired"

    def test_says_what_it_takes(self) -> None:
        plain: Any = bearer_authenticator(known)
        assert plain.challenge == "Bearer"
        assert plain.security_schemes == {"bearer": {"type": "http", "scheme": "bearer"}}
        with_cookie: Any = bearer_authenticator(known, cookie="session")
        assert with_cookie.security_schemes["cookie"] == {
            "type": "apiKey",
            "in": "cookie",
            "name": "session",
        }

    @pytest.mark.parametrize("cookie", ["", "a b", "a;b"])
    def test_a_cookie_has_a_name(self, cookie: str) -> None:
        with pytest.raises(ValueError, match="not a cookie name"):
            bearer_authenticator(known, cookie=cookie)


class TestApiKey:
    async def test_looks_up_the_hash_and_never_the_key(self) -> None:
        seen: list[str] = []

        def lookup(digest: str) -> Principal | None:
            seen.append(digest)
            return BILLING if digest == hash_api_key("k1") else None

        authenticator = api_key_authenticator(lookup)
        assert await authenticator.authenticate(request({"X-API-Key": "k1"})) is BILLING
        with pytest.raises(UnauthorizedError, match="not valid"):
            await authenticator.authenticate(request({"x-api-key": "k2"}))
        assert seen == [hash_api_key("k1"), hash_api_key("k2")]

    async def test_no_key_is_no_credential(self) -> None:
        authenticator = api_key_authenticator(lambda digest: BILLING)
        assert await authenticator.authenticate(request()) is None
        assert await authenticator.authenticate(request({"x-api-key": " "})) is None
        with pytest.raises(UnauthorizedError, match="one API key"):
            await authenticator.authenticate(request({"x-api-key": "a b"}))

    async def test_shares_the_authorization_header_by_its_scheme(self) -> None:
        authenticator = api_key_authenticator(
            lambda digest: BILLING, header="Authorization", scheme="ApiKey"
        )
        assert await authenticator.authenticate(request({"authorization": "APIKEY k"})) is BILLING
        assert await authenticator.authenticate(bearer("k")) is None
        with pytest.raises(UnauthorizedError, match="one API key"):
            await authenticator.authenticate(request({"authorization": "ApiKey"}))

    async def test_in_a_header_of_its_own_the_scheme_has_to_be_there(self) -> None:
        authenticator = api_key_authenticator(lambda digest: BILLING, scheme="Key")
        assert await authenticator.authenticate(request({"x-api-key": "key k"})) is BILLING
        with pytest.raises(UnauthorizedError, match="one API key"):
            await authenticator.authenticate(request({"x-api-key": "k"}))

    def test_says_what_it_takes(self) -> None:
        plain: Any = api_key_authenticator(lambda digest: None, header="X-Key")
        assert plain.challenge == "ApiKey"
        assert plain.security_schemes == {
            "apiKey": {"type": "apiKey", "in": "header", "name": "X-Key"}
        }
        assert api_key_authenticator(lambda digest: None, scheme="Key").challenge == "Key"

    @pytest.mark.parametrize("options", [{"header": "X Key"}, {"scheme": "a b"}, {"scheme": ""}])
    def test_header_and_scheme_are_tokens(self, options: dict[str, str]) -> None:
        with pytest.raises(ValueError, match="is not a token"):
            api_key_authenticator(lambda digest: None, **options)


class TestBasic:
    async def test_a_yes_stands_for_the_user_of_that_name(self) -> None:
        authenticator = basic_authenticator(lambda user, password: password == "secret:1")
        assert await authenticator.authenticate(basic("ada:secret:1")) == ADA
        with pytest.raises(UnauthorizedError, match="not valid"):
            await authenticator.authenticate(basic("ada:guess"))
        with pytest.raises(TypeError, match="'sub' or an 'iss'"):
            await authenticator.authenticate(basic(":secret:1"))

    async def test_takes_a_principal(self) -> None:
        authenticator = basic_authenticator(lambda user, password: BILLING)
        assert await authenticator.authenticate(basic("x:y")) is BILLING

    async def test_other_credentials_are_not_its_own(self) -> None:
        authenticator = basic_authenticator(lambda user, password: True)
        assert await authenticator.authenticate(request()) is None
        assert await authenticator.authenticate(bearer("YTpi")) is None
        with pytest.raises(UnauthorizedError, match="basic credentials"):
            await authenticator.authenticate(request({"authorization": "Basic ?"}))

    def test_says_what_it_takes(self) -> None:
        authenticator: Any = basic_authenticator(lambda user, password: None, realm='a "b" \\c')
        assert authenticator.challenge == 'Basic realm="a \\"b\\" \\\\c", charset="UTF-8"'
        assert authenticator.security_schemes == {"basic": {"type": "http", "scheme": "basic"}}
        with pytest.raises(ValueError, match="control character"):
            basic_authenticator(lambda user, password: None, realm="a\nb")


class TestComposite:
    async def test_the_first_principal_wins(self) -> None:
        first, second, third = Fixed(None), Fixed(ADA), Fixed(BILLING)
        authenticator = composite_authenticator(first, second, third)
        assert await authenticator.authenticate(request()) is ADA
        assert [each.asked for each in (first, second, third)] == [1, 1, 0]

    @pytest.mark.parametrize(
        "error",
        [
            UnauthorizedError(message="bad"),
            TransientError(message="down"),
            ForbiddenError(message="locked"),
        ],
    )
    async def test_a_bad_credential_does_not_hide_a_good_one(self, error: DomainError) -> None:
        authenticator = composite_authenticator(Fixed(error), Fixed(ADA))
        assert await authenticator.authenticate(request()) is ADA

    async def test_without_a_good_one_the_first_error_counts(self) -> None:
        authenticator = composite_authenticator(
            Fixed(None),
            Fixed(UnauthorizedError(message="first")),
            Fixed(UnauthorizedError(message="second")),
        )
        with pytest.raises(UnauthorizedError, match="first"):
            await authenticator.authenticate(request())

    async def test_without_any_credential_it_knows_nobody(self) -> None:
        assert await composite_authenticator(Fixed(None)).authenticate(request()) is None

    async def test_a_fault_is_not_passed_over(self) -> None:
        authenticator = composite_authenticator(Fixed(KeyError("bug")), Fixed(ADA))
        with pytest.raises(KeyError, match="bug"):
            await authenticator.authenticate(request())

    def test_joins_what_its_parts_say(self) -> None:
        authenticator: Any = composite_authenticator(
            bearer_authenticator(known), Fixed(None), bearer_authenticator(known, cookie="c")
        )
        assert authenticator.challenge == "Bearer, Fixed"
        assert sorted(authenticator.security_schemes) == ["bearer", "cookie"]

    def test_needs_a_part(self) -> None:
        with pytest.raises(ValueError, match="at least one"):
            composite_authenticator()


class TestAsk:
    async def test_a_synchronous_one_runs_in_a_thread(self, workers: WorkerPool) -> None:
        authenticator: Any = Blocking()
        assert await ask(authenticator, request(), workers) is ADA
        assert authenticator.thread != threading.get_ident()

    async def test_one_that_does_not_wait_runs_on_the_loop(self, workers: WorkerPool) -> None:
        authenticator: Any = Blocking(performs_io=False)
        assert await ask(authenticator, request(), workers) is ADA
        assert authenticator.thread == threading.get_ident()

    async def test_built_in_ones_use_the_given_workers(self) -> None:
        workers: Any = CountingPool()
        authenticator = composite_authenticator(bearer_authenticator(known))
        assert await ask(authenticator, bearer("good"), workers) is ADA
        assert workers.calls == 1
        assert isinstance(authenticator, BuiltinAuthenticator)

    @pytest.mark.parametrize("result", [True, "ada", {"sub": "ada"}])
    async def test_anything_but_a_principal_proves_nothing(
        self, workers: WorkerPool, result: Any
    ) -> None:
        authenticator: Any = Blocking(result)
        with pytest.raises(TypeError, match="must give a Principal or None"):
            await ask(authenticator, request(), workers)


def test_what_users_write_fits_the_protocol() -> None:
    authenticators: list[Authenticator] = [Fixed(None), bearer_authenticator(known)]
    assert [each.challenge for each in authenticators] == ["Fixed", "Bearer"]


async def test_a_verifier_that_waits_does_not_hold_the_loop(loop_guard: object) -> None:
    waiting = threading.Event()

    def verify(token: str) -> Principal:
        waiting.wait(0.2)
        return ADA

    assert await bearer_authenticator(verify).authenticate(bearer("x")) is ADA
