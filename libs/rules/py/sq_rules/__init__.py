"""Rules that grade a product for a query: what the baseline judge gives and a trained judge starts from."""

from sq_rules.rules import Rules
from sq_rules.text_match import Match, Names, Phrase, Place

__all__ = ["Match", "Names", "Phrase", "Place", "Rules"]
