"""Benchmarks. Each figure is a ratio to a named peer, which takes turns with sq in the same run."""
