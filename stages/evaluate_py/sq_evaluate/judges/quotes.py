"""Whether words that a model quotes stand in the product."""

from __future__ import annotations

import re
import unicodedata

from sq.v1.product_pb2 import Product
from sq_evaluate.judges.document import product_texts
from sq_text import normalise

_WORD = re.compile(r"\w+")
# Scripts that put no spaces between words: Thai to Khmer, kana, Chinese characters, hangul (with its endings).
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


class ProductWords:
    """The words of a product, field by field, as the model was shown them."""

    def __init__(self, product: Product) -> None:
        self._fields = [_words(text) for text in product_texts(product)]

    def contain(self, quote: str) -> bool:
        """Whether a quote stands in one field, whole words in the same order. Case and punctuation do not count."""
        words = _words(quote)
        if any(f" {words} " in f" {field} " for field in self._fields):
            return True
        if not _UNSPACED.search(words):
            return False
        joined = words.replace(" ", "")
        return any(joined in field.replace(" ", "") for field in self._fields)


def has_words(text: str) -> bool:
    """Whether a text contains a letter or a digit."""
    return bool(_words(text))


def _words(text: str) -> str:
    return " ".join(_WORD.findall(normalise(unicodedata.normalize("NFKC", text)).casefold()))
