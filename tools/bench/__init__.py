"""Benchmarks: ratios against a named alternative that does the same work, in one run."""
