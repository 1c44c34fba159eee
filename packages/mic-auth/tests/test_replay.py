from mic.auth import AsyncReplayGuard, InMemoryReplayGuard, ReplayGuard
from mic.auth.replay import AsyncCacheReplayGuard, CacheReplayGuard


def test_the_guards_fit_their_protocols() -> None:
    # What mypy checks; a cache is not asked before a token comes.
    cache: object = None
    guards: tuple[ReplayGuard, ...] = (
        InMemoryReplayGuard(),
        CacheReplayGuard(cache=cache),  # type: ignore[arg-type]  # nothing is asked
    )
    others: tuple[AsyncReplayGuard, ...] = (
        AsyncCacheReplayGuard(cache=cache),  # type: ignore[arg-type]  # nothing is asked
    )
    assert all(callable(guard.claim) for guard in guards)
    assert all(callable(guard.claim) for guard in others)
