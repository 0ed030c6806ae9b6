"""Brand, category and colour of a query as fields, not as words; accessories behind the thing itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sq.v1.product_pb2 import Product
from sq.v1.query_pb2 import PROBE_FORM_REPLACE, Boost, RequestOverride
from sq.v1.report_pb2 import Suggestion
from sq.v1.tag_pb2 import Tag
from sq_evidence import accessory_words
from sq_mechanisms import suggest
from sq_mechanisms.market import Asked, Market
from sq_mechanisms.mechanism import Change, Mechanism
from sq_mechanisms.units import is_quantity
from sq_text import canonical, normalise, product_values, tokenise

TYPES = ("BRAND", "CATEGORY", "COLOUR")
ACCESSORIES = "accessories"
_DEPTH = 10


class Entity(Mechanism):
    """Raises products whose field holds a tag of the query, where some of the first results do not.

    A boost changes the order alone, so a query without results is left alone. A category is meant whole: for
    "notebook", products of "notebook case" hold the word in their field as well, and are lowered.
    """

    name = "entity"
    title = "What a query names is searched for as words, not in its field"
    repair = "boost the field, or filter by it where nearly all products carry it"
    form = PROBE_FORM_REPLACE
    literature = "The manuals of OpenSearch and Solr on boosting"
    listed = True

    def changes(self, asked: Asked, market: Market) -> Iterable[Change]:
        for tag in asked.query.tags if asked.results else ():
            if tag.type not in TYPES or _is_length(tag):
                continue
            if tag.type == "CATEGORY" and _seen_accessories(asked, market):
                # Accessories stand before the thing, which is a mechanism of its own.
                continue
            if tag.type == "COLOUR" and _few_state_any(asked, tag.type, market.language):
                # A gap in the data, which no boost fills.
                continue
            if not _all_state(asked, tag.type, tag.value, market.language):
                boosts = [Boost(tag_type=tag.type, value=tag.surface, weight=_weight(asked))]
                if tag.type == "CATEGORY" and (others := _other_categories(asked, tag.value, market)):
                    boosts.append(Boost(tag_type=tag.type, value=others, weight=-_weight(asked)))
                yield Change(tag.type, f"{tag.type} {tag.surface} boosted", asked.text, request=_override(*boosts))
                return

    def suggestions(self, items: Sequence[str], language: str) -> list[Suggestion]:
        return [suggestion for item in items or ["BRAND"] for suggestion in _boost(item)]


class Accessories(Mechanism):
    """Lowers products that call themselves an accessory, where the query asks for none."""

    name = "accessories"
    title = "Accessories stand before the thing itself"
    repair = "lower accessories, or boost the category of the thing"
    form = PROBE_FORM_REPLACE
    literature = "The manual of OpenSearch on the boosting query"

    def changes(self, asked: Asked, market: Market) -> Iterable[Change]:
        if seen := _seen_accessories(asked, market):
            boost = Boost(tag_type="", value=" ".join(sorted(market.lists.accessories)), weight=-_weight(asked))
            yield Change(
                ACCESSORIES, f"accessories lowered ({', '.join(seen[:3])})", asked.text, request=_override(boost)
            )

    def suggestions(self, items: Sequence[str], language: str) -> list[Suggestion]:
        words = " ".join(sorted(accessory_words(language))) or "<your words for accessories>"
        boosting = {
            "positive": "<your query>",
            "negative": {"match": {"<your title field>": words}},
            "negative_boost": 0.2,
        }
        return suggest.request(
            {"boosting": boosting},
            f"bq=(*:* -<your title field>:({words}))^2",
            note="Send it for queries that name none of these words themselves. Use the words of words.accessory_words "
            "where you gave some.",
        )


def _boost(tag_type: str) -> list[Suggestion]:
    """A boost of the field of a tag type; a category has to be met whole, so "notebook" is no "notebook case"."""
    field = f"<your {tag_type.lower()} field>"
    if tag_type == "CATEGORY":
        mapping = suggest.request(
            _whole_categories(field),
            f'<copyField source="{field}" dest="category_whole"/> '
            "<!-- a field with KeywordTokenizerFactory and LowerCaseFilterFactory -->",
            note="Add it to the index, then reindex. It holds categories whole, so that one of one word can be met.",
        )
        return [*mapping, *_should(f"{field}.whole", "category_whole")]
    return _should(field, field)


def _whole_categories(field: str) -> dict:
    """Settings and mapping: a category is one term, and each word of a query is tried against it.

    A keyword field with a normaliser would be shorter. OpenSearch 2.19 does not split queries for one.
    """
    analysers = {
        "sq_whole": {"type": "custom", "tokenizer": "keyword", "filter": ["lowercase"]},
        "sq_words": {"type": "custom", "tokenizer": "whitespace", "filter": ["lowercase"]},
    }
    whole = {"type": "text", "analyzer": "sq_whole", "search_analyzer": "sq_words"}
    return {
        "settings": {"analysis": {"analyzer": analysers}},
        "mappings": {"properties": {field: {"type": "text", "fields": {"whole": whole}}}},
    }


def _should(field: str, solr: str) -> list[Suggestion]:
    boost = {"match": {field: {"query": "{{query}}", "boost": 2}}}
    return suggest.request({"bool": {"must": ["<your query>"], "should": [boost]}}, f"bq={{!dismax qf={solr} v=$q}}^2")


def _is_length(tag: Tag) -> bool:
    """Whether a brand is a quantity in truth: the "3m" of "cable 3m", but not of "3m tape"."""
    return tag.type == "BRAND" and tag.start > 0 and is_quantity(normalise(tag.surface))


def _weight(asked: Asked) -> float:
    """As much as the first result scores: enough to reorder, whatever the engine's scale."""
    return round(asked.top_score, 4) or 1.0


def _override(*boosts: Boost) -> RequestOverride:
    return RequestOverride(boosts=boosts)


def _other_categories(asked: Asked, value: str, market: Market) -> str:
    """Words of categories that only begin as the one that is meant; none that the query has itself."""
    named = {canonical(word.text, market.language) for word in asked.words}
    return " ".join(sorted(market.catalogue.in_longer_categories(value) - named))


def _all_state(asked: Asked, tag_type: str, value: str, language: str) -> bool:
    return all(_states(product, tag_type, value, language) for product in asked.results[:_DEPTH])


def _few_state_any(asked: Asked, tag_type: str, language: str) -> bool:
    """Whether under half of the first results have a value in the field of this type."""
    shown = asked.results[:_DEPTH]
    return 2 * sum(tag_type in product_values(product, language) for product in shown) < len(shown)


def _states(product: Product, tag_type: str, value: str, language: str) -> bool:
    """Whether a product has the value. A colour in the title counts: if the field lacks it, the data are at fault."""
    if value in product_values(product, language).get(tag_type, ()):
        return True
    words = {canonical(token.text, language) for token in tokenise(normalise(product.title))}
    return tag_type == "COLOUR" and set(value.split()) <= words


def _seen_accessories(asked: Asked, market: Market) -> list[str]:
    """Words of the first results that name accessories of what the query asks for; none if it asks for accessories."""
    named = {canonical(word.text, market.language) for word in asked.words}
    if named & market.lists.accessories:
        return []
    return sorted({word for product in asked.results[:_DEPTH] for word in _accessories(product, named, market)})


def _accessories(product: Product, wanted: set[str], market: Market) -> set[str]:
    """Words of the title that name an accessory of what is wanted: "notebook sleeve", "sleeve for notebooks".

    A "striped backpack" is no accessory of something striped: in "backpack, striped" the word follows.
    """
    thing, _, other = normalise(product.title).replace(" für ", " for ").partition(" for ")
    words = [canonical(token.text, market.language) for token in tokenise(thing)]
    goes_with = {canonical(token.text, market.language) for token in tokenise(other)}
    return {
        word
        for place, word in enumerate(words)
        if word in market.lists.accessories and (wanted & set(words[:place]) or wanted & goes_with)
    }
