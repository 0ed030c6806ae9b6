"""Simulated markets that hold the claims of the report to their rates. See docs/measures.md."""
