"""The pool of connections, on an event loop (`_pool_sync`: for threads)."""

from typing import Any

from redis.asyncio import BlockingConnectionPool

__all__ = ["BoundedPool"]


class BoundedPool(BlockingConnectionPool):
    """redis-py's pool that waits, without the cost of waiting where nobody has to.

    Guarantees: as redis-py's, which promises no order among those who wait.

    redis-py takes a lock and sets a timer for every connection, an eighth of what a `GET` costs.
    Taking one that is free is a step that nothing on the loop can interrupt.
    """

    async def get_connection(self, *arguments: Any, **options: Any) -> Any:
        """A connection that is ready to send.

        Raises:
            redis.exceptions.RedisError: None became free in time, or it does not connect.
        """
        # While the server announces that it moves, redis-py (8 and newer) guards the pool itself.
        moving = getattr(self, "_in_maintenance", False)
        parent: Any = super()  # parts of redis-py have no types
        if moving or not self.can_get_connection():
            return await parent.get_connection(*arguments, **options)
        connection = parent.get_available_connection()
        try:
            await self.ensure_connection(connection)
        except BaseException:
            await self.release(connection)
            raise
        return connection
