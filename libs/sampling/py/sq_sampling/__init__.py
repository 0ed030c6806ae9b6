"""Samples of a query log whose estimates hold for the whole log."""

from sq_sampling.design import Design, design

__all__ = ["Design", "design"]
