"""Contract suites, clocks and test helpers of the mic family."""

__all__: list[str] = []
