"""What a forked child has to do anew."""

import os
from collections.abc import Callable


def after_fork(call: Callable[[], object]) -> None:
    """Have something called in every forked child, where the system forks at all: Windows does not.

    Args:
        call: What is called, without arguments. It is kept for the life of the process.
    """
    register = getattr(os, "register_at_fork", None)
    if register is not None:
        register(after_in_child=call)
