"""Exponential backoff with jitter."""

import math
import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """The delay before an attempt is repeated: exponential, capped, with jitter below.

    `backoff(attempt)` is `min(maximum, initial * factor ** (attempt - 1)) * (1 - jitter *
    random())`. Stateless and safe to share between threads and tasks. Where a parameter is called
    `backoff`, any `Callable[[int], float]` does.

    Attributes:
        initial: Delay after the first attempt, in seconds, not negative.
        factor: What each further attempt multiplies the delay by, at least 1.
        maximum: The longest delay, in seconds, not negative.
        jitter: The share of the delay that chance may take away, 0 to 1.

    Raises:
        ValueError: A value is out of its range or not finite.
    """

    initial: float = 1.0
    factor: float = 2.0
    maximum: float = 300.0
    jitter: float = 0.5

    def __post_init__(self) -> None:
        if not 0 <= self.initial < math.inf:
            raise ValueError("initial must be finite and not negative")
        if not 1 <= self.factor < math.inf:
            raise ValueError("factor must be finite and at least 1")
        if not 0 <= self.maximum < math.inf:
            raise ValueError("maximum must be finite and not negative")
        if not 0 <= self.jitter <= 1:
            raise ValueError("jitter must be between 0 and 1")

    def __call__(self, attempt: int) -> float:
        """Give the delay in seconds after an attempt.

        Args:
            attempt: The number of attempts made so far, from 1.

        Raises:
            ValueError: `attempt` is less than 1.
        """
        if attempt < 1:
            raise ValueError("attempt must be at least 1")
        try:
            delay = min(self.maximum, self.initial * self.factor ** (attempt - 1))
        except OverflowError:
            delay = self.maximum if self.initial else 0.0
        # Spreading out load needs no cryptographic randomness.
        return delay * (1 - self.jitter * random.random())  # nosec B311
