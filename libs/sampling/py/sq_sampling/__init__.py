"""Samples of a query log whose estimates hold for the whole log."""

from sq_sampling.design import Design, design
from sq_sampling.strata import Strata
from sq_sampling.stratum import SHARED, Taken, label_of, take

__all__ = ["SHARED", "Design", "Strata", "Taken", "design", "label_of", "take"]
