"""Mechanisms of failure: what a search engineer would try, as changes to a query."""

from sq_mechanisms.catalogue_words import CatalogueWords
from sq_mechanisms.market import Asked, Lists, Market
from sq_mechanisms.mechanism import Change, Mechanism
from sq_mechanisms.registry import MECHANISMS, chosen

__all__ = ["MECHANISMS", "Asked", "CatalogueWords", "Change", "Lists", "Market", "Mechanism", "chosen"]
