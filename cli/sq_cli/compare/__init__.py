"""Compares two runs over one query set."""
