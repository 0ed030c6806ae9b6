"""Registers a candidate in the bucket."""
