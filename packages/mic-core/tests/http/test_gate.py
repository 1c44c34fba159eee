from mic.http._auth_mode import AuthMode
from mic.http._gate import RouteGate
from mic.http.auth_gate import AuthDecision
from mic.http.context import RequestState
from mic.http.request_context import HttpRequestContext


async def test_whatever_decides_is_a_gate() -> None:
    class Open:
        async def decide(self, context: HttpRequestContext, mode: AuthMode) -> AuthDecision:
            return AuthDecision("proceed", mode)

    gate: RouteGate = Open()
    state = RequestState()
    state.gates = (gate,)
    decision = await state.gates[0].decide(HttpRequestContext(), AuthMode.USER)
    assert (decision.outcome, decision.mode) == ("proceed", AuthMode.USER)
