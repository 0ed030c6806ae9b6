"""Decides what a product says about a tag or a word of a query, in the same way for judges and ner-diff."""

from sq_evidence.accessories import accessory_words
from sq_evidence.field_words import BY_WHOLE_WORDS, TITLE, FieldWords, field_words, names_in, whole_words
from sq_evidence.product import ProductText, lemmas
from sq_evidence.query import intended_tags, meant_words, uncovered
from sq_evidence.vocabulary import Vocabulary
from sq_evidence.weigh import Evidence, weigh

__all__ = [
    "BY_WHOLE_WORDS",
    "TITLE",
    "Evidence",
    "FieldWords",
    "ProductText",
    "Vocabulary",
    "accessory_words",
    "field_words",
    "intended_tags",
    "lemmas",
    "meant_words",
    "names_in",
    "uncovered",
    "weigh",
    "whole_words",
]
