"""The rewriting rules, each on the smallest text that shows it."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.unasync.rewrite import plain_name, rewrite


@pytest.mark.parametrize(
    ("source", "plain"),
    [
        ("async def f():\n    return await g()\n", "def f():\n    return g()\n"),
        (
            "async def f():\n    async with a as b:\n        pass\n",
            "def f():\n    with a as b:\n        pass\n",
        ),
        (
            "async def f():\n    async for a in b:\n        pass\n",
            "def f():\n    for a in b:\n        pass\n",
        ),
        (
            "async def f():\n    return [x async for x in y]\n",
            "def f():\n    return [x for x in y]\n",
        ),
        ("class AsyncCache(_AsyncBase): ...\n", "class Cache(_Base): ...\n"),
        ("class TestAsyncCache: ...\n", "class TestCache: ...\n"),
        ("x.aclose()\n", "x.close()\n"),
        ("def __aenter__(): ...\n", "def __enter__(): ...\n"),
        ("from a._async.b import AsyncX\n", "from a._sync.b import X\n"),
        ("from ._lock_async import Lock\n", "from ._lock_sync import Lock\n"),
        ("from redis.asyncio import Redis\n", "from redis import Redis\n"),
        (
            "from redis.asyncio.cluster import RedisCluster\n",
            "from redis.cluster import RedisCluster\n",
        ),
        (
            "from sqlalchemy.ext.asyncio.session import AsyncSession\n",
            "from sqlalchemy.orm import Session\n",
        ),
        ("x: Callable[[int], Awaitable[dict[str, int]]]\n", "x: Callable[[int], dict[str, int]]\n"),
        ("x: Awaitable[Awaitable[int]]\n", "x: int\n"),
        ("x: Coroutine[Any, tuple[int, str], list[AsyncX]]\n", "x:  list[X]\n"),
        ("from collections.abc import Awaitable\n", "from collections.abc import Awaitable\n"),
        ("e = create_async_engine(async_options)\n", "e = create_engine(options)\n"),
        (
            '"""See `AsyncCache.aclose` in `mic.x._async`."""\n',
            '"""See `Cache.close` in `mic.x._sync`."""\n',
        ),
        (
            '"""Like `await cache.get(key)`; callers await it."""\n',
            '"""Like `cache.get(key)`; callers await it."""\n',
        ),
        ("# An asynchronous lock: async with lock\n", "# A synchronous lock: with lock\n"),
        ('f"{await g()} and {h!r:>{width}}"\n', 'f"{g()} and {h!r:>{width}}"\n'),
        ("f'{AsyncX}' 'x'\n", "f'{X}' 'x'\n"),
        ("a.redis.asyncio\n", "a.redis.asyncio\n"),
    ],
)
def test_each_rule(source: str, plain: str) -> None:
    assert rewrite(source) == plain


def test_a_project_row_wins_over_the_table() -> None:
    source = "from some.aio.driver import aclose, go\n"
    assert rewrite(source, names={"some.aio": "some.io", "aclose": "shut"}) == (
        "from some.io.driver import shut, go\n"
    )


def test_a_project_row_holds_in_prose_too() -> None:
    assert rewrite('"see some.aio.driver"\n', names={"some.aio": "some.io"}) == (
        '"see some.io.driver"\n'
    )


def test_a_marked_statement_is_dropped_with_its_decorators_and_body() -> None:
    source = "@d  # unasync: drop\nasync def f():\n    await g()\n\nx = 1\n"
    assert rewrite(source) == "\nx = 1\n"
    source = "@d\nasync def f():  # unasync: drop\n    await g()\nx = 1\n"
    assert rewrite(source) == "x = 1\n"


def test_a_marked_handler_is_dropped() -> None:
    kept = "except OSError:\n    y()\n"
    source = f"try:\n    x()\nexcept CancelledError:  # unasync: drop\n    raise\n{kept}"
    assert rewrite(source) == f"try:\n    x()\n{kept}"


def test_the_marker_in_the_middle_of_a_statement_means_nothing() -> None:
    source = "x = [\n    1,  # unasync: drop\n]\n"
    assert rewrite(source) == source


def test_dropping_the_whole_of_a_block_is_an_error() -> None:
    with pytest.raises(SyntaxError, match="expected an indented block"):
        rewrite("def f():\n    x()  # unasync: drop\n")


def test_a_line_can_be_added() -> None:
    assert rewrite("# unasync: add import time\nx = 1\n") == "import time\nx = 1\n"


def test_text_that_is_not_python_is_an_error() -> None:
    with pytest.raises(SyntaxError, match="invalid syntax"):
        rewrite("async def\n")


def test_positions_survive_wide_characters_and_continuation_lines() -> None:
    source = "s = 'äö→😀'; x = AsyncX(\\\n  'é')\nasync def f(): await g('ü')\n"
    assert rewrite(source) == "s = 'äö→😀'; x = X(\\\n  'é')\ndef f(): g('ü')\n"


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("AsyncX", "X"),
        ("InMemoryAsyncX", "InMemoryX"),
        ("Asynchronous", "Asynchronous"),
        ("async_session_of", "session_of"),
        ("_async_helper", "_helper"),
        ("create_async_engine", "create_engine"),
        ("_pool_async", "_pool_sync"),
        ("asyncio", "asyncio"),
        ("aput", "aput"),
    ],
)
def test_plain_name(name: str, plain: str) -> None:
    assert plain_name(name, {}) == plain


@given(
    st.from_regex(r"[a-z_][a-z0-9_]{0,12}", fullmatch=True).filter(lambda name: "async" not in name)
)
def test_names_that_say_nothing_of_asynchrony_stay(name: str) -> None:
    assert plain_name(name, {}) == name


@given(
    st.lists(
        st.sampled_from(["await g()", "async with a: await b()", "x = 1", "'await'"]), min_size=1
    )
)
def test_what_comes_out_is_plain_python_and_rewriting_it_again_changes_nothing(
    lines: list[str],
) -> None:
    plain = rewrite("async def f():\n" + "".join(f"    {line}\n" for line in lines))
    kinds = {type(node) for node in ast.walk(ast.parse(plain))}
    assert not kinds & {ast.Await, ast.AsyncFunctionDef, ast.AsyncWith, ast.AsyncFor}
    assert rewrite(plain) == plain
