"""Simulated markets that test the error rates of the report's claims. See docs/measures.md."""
