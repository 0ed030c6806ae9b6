"""Checks of retrieve over each kind of endpoint."""
