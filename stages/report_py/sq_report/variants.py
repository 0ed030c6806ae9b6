"""Results that are near-duplicates of one above: the same product in another colour or size, or listed again."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from sq.v1.variants_pb2 import Variant, VariantKind
from sq_report.held import ProductKey
from sq_report.market import Market, QueryData
from sq_report.resemblance import VARIANT, Features, colour_words, features, relisted, resemblance

# Queries shown with an example.
_EXAMPLES = 10
_FEATURES_KEPT = 1 << 14
_DIGITS = 9


class Variants:
    """The near-duplicates of a market's results down to k, by query id and in rank order."""

    def __init__(self, market: Market, k: int) -> None:
        self._products = market.products
        self._colours = colour_words(market.products.values())
        self._features = lru_cache(_FEATURES_KEPT)(self._make_features)
        self.of: Mapping[str, list[Variant]] = {data.query_id: self._of_query(data, k) for data in market.queries}

    def examples(self) -> list[Variant]:
        """The first of each of the queries that have most, most first."""
        most = sorted(filter(None, self.of.values()), key=lambda found: (-len(found), found[0].query_id))
        return [found[0] for found in most[:_EXAMPLES]]

    def _make_features(self, key: ProductKey) -> Features:
        return features(self._products[key], self._colours)

    def _of_query(self, data: QueryData, k: int) -> list[Variant]:
        """Each result is held against those above that are no variants themselves."""
        found: list[Variant] = []
        first: list[tuple[int, Features]] = []
        hits = (data.hits or [])[:k]
        for place, hit in enumerate(hits):
            if hit.product not in self._products:
                continue
            mine = self._features(hit.product)
            likest = max(((resemblance(theirs, mine), -above) for above, theirs in first), default=(0.0, 0))
            if likest[0] < VARIANT:
                first.append((place, mine))
                continue
            other = -likest[1]
            above, theirs = hits[other], dict(first)[other]
            found.append(
                Variant(
                    query_id=data.query_id,
                    text=data.query.text,
                    kind=VariantKind.VARIANT_KIND_RELISTED
                    if relisted(theirs, mine)
                    else VariantKind.VARIANT_KIND_VARIANT,
                    rank=place + 1,
                    product_id=hit.product.product_id,
                    title=self._products[hit.product].title,
                    of_rank=other + 1,
                    of_product_id=above.product.product_id,
                    of_title=self._products[above.product].title,
                    resemblance=round(likest[0], _DIGITS),
                )
            )
        return found
