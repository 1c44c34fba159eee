"""Contract suites, clocks and test helpers of the mic family."""

from mic.testing.clock import ManualClock

__all__ = ["ManualClock"]
