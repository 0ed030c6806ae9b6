"""Benchmarks: each figure as a ratio against a named peer, taken in turn in the same run."""
