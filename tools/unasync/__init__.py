"""Makes the synchronous twin of an asynchronous source file, so that no twin is copied by hand.

The asynchronous file is the one that people edit. A package lists its pairs in its own
`pyproject.toml`; a path is relative to the package's folder, and a pair of folders stands for all
Python files below them:

```toml
[tool.mic.unasync]
pairs = [
    ["src/mic/cache/_async", "src/mic/cache/_sync"],
    ["tests/test_async_memory.py", "tests/test_memory.py"],
]

[tool.mic.unasync.names]      # only what the rules below do not cover
"make_pool_async" = "make_pool"
"some.driver.aio" = "some.driver"
```

`python -m tools.unasync [DISTRIBUTION ...]` writes the twins, and with `--check` compares and says
which differ. What changes in code (module `rewrite` has the one table):

- `async def`, `async with`, `async for` and `await` lose their keyword; `__aenter__` and its kind,
  `aclose`, `anext`, `aconnect`, `afrom_url` become their plain forms; `asynccontextmanager` becomes
  `contextmanager`.
- `AsyncX`, `_AsyncX`, `TestAsyncX` lose `Async` (so `AsyncIterator` becomes `Iterator`); `async_x`
  and `x_async_y` lose the word; a module `_async` or `_lock_async` becomes `_sync`, `_lock_sync`
  (that is how a hand-written pair is called).
- `Awaitable[X]` and `Coroutine[A, B, X]` become `X`.
- Strings, docstrings and comments: the same names, `await f(...)`, `async with`, and the word
  *asynchronous*.
- A statement, handler or test whose first line ends in the comment `# unasync: drop` is left out of
  the twin, and a file whose twin needs an import of its own can say so in a line `# unasync: add
  import time`.
- Then imports that nothing uses any more go, the rest is sorted, and the file is formatted with
  ruff.

Concurrency primitives have no common form: keep a lock or a background task in one small
hand-written module a pair.
"""
