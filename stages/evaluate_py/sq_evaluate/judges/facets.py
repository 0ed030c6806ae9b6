"""The rubric facets: the model says what the product has, with its words; the grade follows by a fixed rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sq.v1.judgment_pb2 import Facet, FacetVerdict, Quote
from sq.v1.product_pb2 import Product
from sq.v1.query_pb2 import Query
from sq_evaluate.judges.document import query_fields
from sq_evaluate.judges.facet_rule import grade
from sq_evaluate.judges.graded import Graded
from sq_evaluate.judges.quotes import ProductWords, has_words
from sq_evaluate.judges.rubric import Rubric
from sq_evidence import intended_tags

_PREFIX = "FACET_VERDICT_"
_VERDICTS = {name.removeprefix(_PREFIX).lower(): number for name, number in FacetVerdict.items() if number}
# A model that quotes more, or at more length, quotes no evidence.
_MOST_QUOTES, _LONGEST_QUOTE = 8, 500


class Facets(Rubric):
    """The model answers yes, no, contradicts or not_stated for the kind of thing and for each tag, and quotes."""

    name = "facets"
    output_tokens = 120
    schema = {
        "type": "object",
        "properties": {
            "n": {"type": "integer", "description": "number of the product"},
            "accessory": {"type": "boolean"},
            "facets": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "facet": {"type": "integer", "description": "number of the facet"},
                        "quotes": {"type": "array", "items": {"type": "string"}},
                        "verdict": {"type": "string", "enum": list(_VERDICTS)},
                    },
                    "required": ["facet", "quotes", "verdict"],
                    "additionalProperties": False,
                },
            },
        },
        "required": ["n", "accessory", "facets"],
        "additionalProperties": False,
    }

    def query_fields(self, query: Query) -> dict[str, object]:
        asked: dict[str, object] = {name: value for name, value in query_fields(query).items() if name != "tags"}
        asked["facets"] = [
            {"facet": number, **({"type": facet.tag_type, "value": facet.value} if number else {"type": "THING"})}
            for number, facet in enumerate(_asked(query))
        ]
        return asked

    def graded(self, item: Mapping[str, Any], query: Query, product: Product) -> Graded | str:
        accessory, answered = item.get("accessory", False), item.get("facets")
        if not isinstance(accessory, bool):
            return "accessory is neither true nor false"
        if not isinstance(answered, list):
            return "facets is not a list"
        facets, words = _asked(query), ProductWords(product)
        for one in answered:
            number = one.get("facet") if isinstance(one, dict) else None
            if type(number) is not int or not 0 <= number < len(facets):
                return "a facet has an unknown number"
            if facets[number].verdict:
                return f"facet {number} is answered twice"
            if problem := _read(one, facets[number], words):
                return f"facet {number}: {problem}"
        if missing := [number for number, facet in enumerate(facets) if not facet.verdict]:
            return f"facet {missing[0]} is not answered"
        return Graded(*grade(facets, accessory=accessory), tuple(facets))


def _asked(query: Query) -> list[Facet]:
    """The facets without a verdict: the kind of thing, then each tag."""
    return [Facet(), *(Facet(tag_type=tag.type, value=tag.value) for tag in intended_tags(query))]


def _read(item: Mapping[str, Any], facet: Facet, words: ProductWords) -> str:
    """Adds verdict and quotes to a facet. Returns what is wrong with them; "" for nothing."""
    verdict, quotes = item.get("verdict"), item.get("quotes", [])
    if not isinstance(verdict, str) or verdict not in _VERDICTS:
        return "an unknown verdict"
    if not isinstance(quotes, list) or not all(isinstance(quote, str) for quote in quotes):
        return "quotes is not a list of texts"
    facet.verdict = _VERDICTS[verdict]
    kept = [quote[:_LONGEST_QUOTE] for quote in quotes if has_words(quote)][:_MOST_QUOTES]
    facet.quotes.extend(Quote(text=quote, found=words.contain(quote)) for quote in kept)
    return ""
