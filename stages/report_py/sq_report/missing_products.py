"""Products of the catalogue that the index does not have. Known items answer this, and no judge is needed."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum

from scipy import stats

from sq.v1.report_pb2 import ClassItem, Estimate, FailureClass, FailureKind, Suggestion
from sq_evidence import BY_WHOLE_WORDS, TITLE, names_in
from sq_report.market import Answer, Market
from sq_report.scored import Scored
from sq_report.settings import Settings
from sq_text import count_of

CLASS_ID = "MISSING_PRODUCTS"
# An index that is a little older than the catalogue lacks some products.
_USUAL = 0.05
# An engine that puts so many of the products it finds first goes by their words. One that lacks a product has no other
# reason to leave it out.
_FIRST = 0.9
_SHOWN = 5


def missing_products(market: Market, scored: Sequence[Scored], name: str, settings: Settings) -> list[FailureClass]:
    """A class if the index lacks more than a few products in a hundred: an exact binomial test.

    Products were drawn from the whole catalogue, and each was searched for by the rarest words of its title. Whole
    words of letters alone count: analysers rewrite numbers, and part names at their marks. A product is missing where
    the engine returned all that it found, without this product. Where it returned the best of many, the engine must put
    the products that it finds first: else popularity may hide them.
    """
    probes = [
        probe
        for probe in market.known_items()
        if probe.query.probe.item == TITLE and probe.query.probe.rule == BY_WHOLE_WORDS
    ]
    absent = [probe for probe in probes if not _rank(probe)]
    ranks = [rank for probe in probes if (rank := _rank(probe))]
    by_words = bool(ranks) and ranks.count(1) >= _FIRST * len(ranks)
    missing = [probe for probe in absent if by_words or probe.complete]
    p = float(stats.binom.sf(len(missing) - 1, len(probes), _USUAL)) if probes else 1.0
    # Where no title finds its product, the field is not searched: that is another class.
    if not ranks or len(probes) < settings.minimum_sample or p > settings.false_discovery_rate:
        return []
    asked = [one for one in scored if _lacks_what_it_names(one, market, settings.relevant_grade)]
    return [_class(probes, missing, p, asked, name)]


def _rank(probe: Answer) -> int:
    """Of the product that was looked for, from 1; 0 where it is not among the results."""
    found = probe.products()
    expected = probe.query.probe.expected_product_id
    return found.index(expected) + 1 if expected in found else 0


def _lacks_what_it_names(one: Scored, market: Market, relevant_grade: int) -> bool:
    """Whether all results are there, without a relevant product whose title holds each word as it was typed."""
    data = one.data
    if data.hits is None or not data.complete:
        return False
    typed, returned = set(names_in(data.query.text)), set(data.products())
    for product in market.matches_of(data.query):
        verdict = data.judgments.get(product.product_id)
        relevant = verdict is not None and verdict.grade >= relevant_grade and product.product_id not in returned
        if relevant and typed <= set(names_in(product.title)):
            return True
    return False


def _class(
    probes: Sequence[Answer], missing: Sequence[Answer], p: float, asked: Sequence[Scored], market: str
) -> FailureClass:
    ids = [probe.query.probe.expected_product_id for probe in missing]
    traffic_share = fsum(one.data.traffic_share for one in asked)
    shows = f" It shows in {count_of(len(asked))} of the sample: a relevant product whose title has their very words"
    seen = f"{shows} is not returned." if asked else ""
    return FailureClass(
        class_id=CLASS_ID,
        kind=FailureKind.FAILURE_KIND_MISSING_PRODUCTS,
        market=market,
        loss=Estimate(),
        traffic_share=traffic_share,
        queries=len(probes),
        p_value=p,
        q_value=p,
        claimed=True,
        headline=(
            f"{len(missing)} of {len(probes)} products drawn from the catalogue are not found by the words of their "
            f"own title: the index lacks them, or a filter hides them.{seen}"
        ),
        items=[ClassItem(item=f"{probe.query.text} ({probe.query.probe.expected_product_id})") for probe in missing][
            :_SHOWN
        ],
        suggestions=[
            Suggestion(engine="any", text=f"Compare the ids of catalogue and index, such as {', '.join(ids[:_SHOWN])}.")
        ],
    )
