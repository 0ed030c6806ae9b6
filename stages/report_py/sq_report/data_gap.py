"""Products that state nothing for what queries ask, or contradict themselves. Grades play no part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import fsum

from scipy import stats

from sq.v1.product_pb2 import Product
from sq.v1.report_pb2 import ClassItem, Estimate, FailureClass, FailureKind, Suggestion
from sq.v1.tag_difference_pb2 import TagEvidence
from sq_report.held import ProductKey
from sq_report.scored import Scored
from sq_report.settings import Settings
from sq_report.surface import commonest_surface
from sq_text import count_of, terms

# Brand and category say what a product is; what they lack is a matter of the search.
_NOT_ATTRIBUTES = frozenset({"BRAND", "CATEGORY"})
# A query shows the gap where at least this share of its results has it.
_SHARE = 0.2
_SHOWN = 5
# Shops have few categories, and every result of every query has some.
_terms = lru_cache(4096)(terms)


@dataclass
class _Tag:
    """Queries that ask for one value: what their results state."""

    tag_type: str
    value: str
    seen: list[tuple[Scored, TagEvidence]] = field(default_factory=list)

    @property
    def showing(self) -> list[tuple[Scored, TagEvidence]]:
        return [(one, evidence) for one, evidence in self.seen if _gap(evidence) >= _SHARE]

    @property
    def p_value(self) -> float:
        """That at most half of the queries show the gap: an exact binomial test."""
        return float(stats.binom.sf(len(self.showing) - 1, len(self.seen), 0.5))


def data_gaps(
    scored: Sequence[Scored], products: Mapping[ProductKey, Product], market: str, settings: Settings
) -> list[FailureClass]:
    """One class a tag value that most of its queries' results state wrongly or not at all.

    A query whose results have the value as part of their category asks for the thing: no product of the category
    printer paper has to state the material paper.
    """
    tags: dict[tuple[str, str], _Tag] = {}
    for one in scored:
        for evidence in one.data.difference.evidence if one.data.difference else ():
            key = (evidence.tag.type, evidence.tag.value)
            asks = evidence.tag.type not in _NOT_ATTRIBUTES and evidence.results_checked
            if asks and not _is_thing(one, evidence.tag.value, products):
                tags.setdefault(key, _Tag(*key)).seen.append((one, evidence))
    found = [tag for _, tag in sorted(tags.items()) if len(tag.seen) >= settings.minimum_sample]
    if not found:
        return []
    adjusted = stats.false_discovery_control([tag.p_value for tag in found], method="bh")
    return [
        _class(tag, float(f"{q:.6g}"), market)
        for tag, q in zip(found, adjusted, strict=True)
        if q <= settings.false_discovery_rate
    ]


def _is_thing(one: Scored, value: str, products: Mapping[ProductKey, Product]) -> bool:
    """Whether most results have the value, a lemma or several, in a category."""
    wanted, language = set(value.split()), one.data.query.language
    found = [products[hit.product] for hit in one.data.hits or () if hit.product in products]
    within = sum(any(wanted <= _terms(name, language) for name in product.categories) for product in found)
    return 2 * within > len(found)


def _gap(evidence: TagEvidence) -> float:
    return (evidence.results_missing + evidence.results_conflicting) / evidence.results_checked


def _class(tag: _Tag, q: float, market: str) -> FailureClass:
    missing = sum(evidence.results_missing for _, evidence in tag.seen)
    conflicting = sum(evidence.results_conflicting for _, evidence in tag.seen)
    checked = sum(evidence.results_checked for _, evidence in tag.seen)
    share = fsum(one.data.traffic_share for one, _ in tag.seen)
    word = commonest_surface(evidence.tag for _, evidence in tag.seen) or tag.value
    about = f"{tag.tag_type} {word}"
    by_traffic = sorted(tag.showing, key=lambda pair: (-pair[0].data.traffic_share, pair[0].data.query_id))
    return FailureClass(
        class_id=f"DATA_GAP/{tag.tag_type}={tag.value}",
        kind=FailureKind.FAILURE_KIND_DATA_GAP,
        tag_type=tag.tag_type,
        value=word,
        market=market,
        loss=Estimate(),
        traffic_share=share,
        queries=len(tag.seen),
        p_value=tag.p_value,
        q_value=q,
        claimed=True,
        headline=(
            f"Of {count_of(checked, 'result')} for {count_of(len(tag.seen))} about {about}, {missing} state no "
            f"{tag.tag_type} and {conflicting} contradict themselves."
        ),
        items=[
            ClassItem(item=one.data.query.text, queries=1, gain=one.data.traffic_share)
            for one, _ in by_traffic[:_SHOWN]
        ],
        suggestions=[
            Suggestion(engine="any", text=f"Fill in {tag.tag_type} of the products that queries for {about} find.")
        ],
    )
