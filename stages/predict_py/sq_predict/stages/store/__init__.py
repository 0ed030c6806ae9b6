"""Writes predictions as JSON lines."""
