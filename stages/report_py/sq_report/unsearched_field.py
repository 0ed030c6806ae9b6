"""Fields whose words do not find the products that hold them. Known items answer this, and no judge is needed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from scipy import stats

from sq.v1.product_pb2 import Product
from sq.v1.report_pb2 import ClassItem, Estimate, FailureClass, FailureKind, Suggestion
from sq_evidence import TITLE, field_words
from sq_report.held import ProductKey
from sq_report.market import Answer, Market
from sq_report.settings import Settings

# Rank down to which the product counts as found.
_DEPTH = 10
# A field that is searched finds its products at least as often as this, also where any word may match and popularity
# decides. A field that is not searched finds next to none.
_SEARCHED = 0.25
_SHOWN = 5


def unsearched_fields(market: Market, name: str, settings: Settings) -> list[FailureClass]:
    """One class a field that finds under a quarter of its products: exact binomial tests, adjusted over the fields.

    A search also speaks for the field where most of its results hold words of it in that field alone. The engine looks
    there, and ranks the product behind others: any word may match, or popularity decides. Where the title fails,
    nothing is said of other fields, because words of the title stand beside theirs.
    """
    fields: dict[str, list[Answer]] = {}
    for probe in market.known_items():
        fields.setdefault(probe.query.probe.item, []).append(probe)
    seen = {field: sum(_seen(probe, market.products) for probe in probes) for field, probes in sorted(fields.items())}
    tests = {field: float(stats.binom.cdf(seen[field], len(fields[field]), _SEARCHED)) for field in seen}
    if not tests:
        return []
    adjusted = stats.false_discovery_control(list(tests.values()), method="bh")
    claimed = {
        field: float(f"{q:.6g}")
        for field, q in zip(tests, adjusted, strict=True)
        if q <= settings.false_discovery_rate and len(fields[field]) >= settings.minimum_sample
    }
    if TITLE in claimed:
        claimed = {TITLE: claimed[TITLE]}
    return [
        _class(field, fields[field], tests[field], q, name, fields[field][0].query.traffic_share)
        for field, q in claimed.items()
    ]


def _found(probe: Answer) -> bool:
    return probe.query.probe.expected_product_id in probe.products(_DEPTH)


def _seen(probe: Answer, products: Mapping[ProductKey, Product]) -> bool:
    return _found(probe) or _matched_in_field(probe, products)


def _matched_in_field(probe: Answer, products: Mapping[ProductKey, Product]) -> bool:
    """Whether most of the first results hold words of the field, and hold these in that field alone.

    Then the engine found them by the field: no other has a word that was searched for.
    """
    words = set(probe.query.probe.field_words)
    first = [hit.product for hit in (probe.hits or [])[:_DEPTH]]
    found = (products[key] for key in first if key in products)
    return 2 * sum(_only_in(probe.query.probe.item, words, product) for product in found) > len(first)


def _only_in(field: str, words: set[str], product: Product) -> bool:
    fields = field_words(product)
    held = {word for of in fields.values() for word in of.all if word in words}
    return bool(held) and field in fields and held <= set(fields[field].alone)


def _multi_match(field: str) -> str:
    fields = ["<your fields>", field]
    return json.dumps({"multi_match": {"query": "<your query>", "fields": fields}}, ensure_ascii=False)


def _class(field: str, probes: Sequence[Answer], p: float, q: float, market: str, traffic_share: float) -> FailureClass:
    found = sum(map(_found, probes))
    missed = [probe for probe in probes if not _found(probe)]
    return FailureClass(
        class_id=f"UNSEARCHED_FIELD/{field}",
        kind=FailureKind.FAILURE_KIND_UNSEARCHED_FIELD,
        value=field,
        market=market,
        loss=Estimate(),
        traffic_share=traffic_share,
        queries=len(probes),
        p_value=p,
        q_value=q,
        claimed=True,
        headline=(
            f"The field “{field}” is not searched, or its analyser changes the words: {found} of {len(probes)} known "
            f"products are in the first {_DEPTH} results for words that only this field of them holds."
        ),
        items=[ClassItem(item=probe.query.text, queries=1) for probe in missed[:_SHOWN]],
        suggestions=[
            Suggestion(engine="OpenSearch", text=_multi_match(f"<your index field of {field}>")),
            Suggestion(engine="Solr", text=f"qf=<your fields> <your index field of {field}>"),
            Suggestion(engine="any", text=f"Search the index field that holds {field}, too."),
        ],
    )
