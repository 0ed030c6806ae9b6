"""Copies what a finished run found, so that nothing changes it while a model reads it."""
