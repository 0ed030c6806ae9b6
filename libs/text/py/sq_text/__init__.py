"""Text processing that all stages share: normal form, tokeniser, lemmatiser and gazetteer tagger."""

from sq_text.escapes import query_form
from sq_text.figures import count_of, p_value
from sq_text.gazetteer import Entry, Gazetteer, gazetteer_engine
from sq_text.lemmas import canonical, content_tokens, lemma, lemmas, terms
from sq_text.normalise import normalise
from sq_text.product_values import product_values, raw_values, split_values
from sq_text.stop_words import stop_words
from sq_text.tokens import Token, tokenise

__all__ = [
    "Entry",
    "Gazetteer",
    "Token",
    "canonical",
    "content_tokens",
    "count_of",
    "gazetteer_engine",
    "lemma",
    "lemmas",
    "normalise",
    "p_value",
    "product_values",
    "query_form",
    "raw_values",
    "split_values",
    "stop_words",
    "terms",
    "tokenise",
]
