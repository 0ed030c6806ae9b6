"""Copies a model, once it is verified."""
