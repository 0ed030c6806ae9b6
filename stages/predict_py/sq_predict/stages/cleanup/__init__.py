"""Removes the copies of a run."""
