"""Claims about mechanisms as failure classes, with what a reader needs to act."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum

from sq.v1.report_pb2 import ClassItem, Estimate, FailureClass, FailureExample, FailureKind
from sq_effects import Claim, Diagnosis
from sq_mechanisms import MECHANISMS
from sq_report.examples import example_hits
from sq_report.market import Market
from sq_report.scored import Scored
from sq_report.segments import as_record
from sq_report.settings import Settings
from sq_report.shared_list import shared_list
from sq_report.trials import Trials, Tried
from sq_text import count_of

_ITEMS = 20
_EXAMPLES = 3
_NAMED = 3
_DIGITS = 9


def mechanism_classes(
    diagnosis: Diagnosis,
    trials: Trials,
    counted: Sequence[Scored],
    market: Market,
    name: str,
    settings: Settings,
) -> list[FailureClass]:
    """One class a claim, in the order in which they add to each other."""
    return [_Class(claim, trials, counted, market, settings).made(name) for claim in diagnosis.claims]


class _Class:
    """One claim and the queries it is about."""

    def __init__(
        self, claim: Claim, trials: Trials, counted: Sequence[Scored], market: Market, settings: Settings
    ) -> None:
        self._claim = claim
        self._market = market
        self._settings = settings
        self._traffic = fsum(one.data.traffic_share for one in counted) or 1.0
        self._queries = [counted[number] for number in claim.query.tolist()]
        self._changes = claim.alone.change.tolist()
        self._tried = [trials.tried[claim.mechanism, one.data.query_id] for one in self._queries]
        self._items = [tried[0].probe.query.probe.item for tried in self._tried]

    def made(self, market: str) -> FailureClass:
        claim = self._claim
        mechanism = MECHANISMS.get(claim.mechanism)
        items = self._class_items()
        language = self._queries[0].data.query.language
        gain = as_record(claim.left.gain)
        return FailureClass(
            class_id=f"MECHANISM/{claim.mechanism}",
            kind=FailureKind.FAILURE_KIND_MECHANISM,
            mechanism=claim.mechanism,
            value=claim.mechanism,
            market=market,
            loss=_scaled(gain, self._traffic),
            gain=gain,
            effect=as_record(claim.alone.mean),
            traffic_share=fsum(one.data.traffic_share for one in self._queries),
            queries=len(self._queries),
            tested_queries=len(self._queries),
            eligible_queries=len(self._queries),
            better=claim.alone.better,
            worse=claim.alone.worse,
            p_value=claim.left_p,
            q_value=claim.node.p,
            claimed=True,
            headline=self._headline(mechanism.title if mechanism else claim.mechanism, mechanism and mechanism.repair),
            suggestions=mechanism.suggestions(self._lines(items), language) if mechanism else [],
            items=items[:_ITEMS],
            examples=self._examples(),
            variant_share=self._variant_share(),
            not_measurable=shared_list(claim.mechanism, self._market.judges),
        )

    def _variant_share(self) -> float:
        """Near-duplicates among the results of the class's queries, 0..1."""
        results = sum(one.variants[1] for one in self._queries)
        return round(sum(one.variants[0] for one in self._queries) / results, _DIGITS) if results else 0.0

    def _headline(self, title: str, repair: str | None) -> str:
        gain = self._claim.left.gain
        points = f"{100 * gain.value:.1f}"
        between = f" [{100 * gain.interval.low:.1f}, {100 * gain.interval.high:.1f}]" if gain.interval else ""
        named = ", ".join(list(self._claim.items)[:_NAMED])
        more = ", …" if len(self._claim.items) > _NAMED else ""
        better = self._claim.alone.better
        about = "" if self._claim.whole else f" (claimed only for {named}{more})"
        return (
            f"{title}{about}: {repair or 'repair it'}, to win back at least {points} of 100 points of nDCG{between}; "
            f"{count_of(better)} {'gets' if better == 1 else 'get'} better, {self._claim.alone.worse} worse."
        )

    def _class_items(self) -> list[ClassItem]:
        """Items that the repair would name, those that win most first."""
        gains: dict[str, list[int]] = {}
        for place, item in enumerate(self._items):
            if self._claim.rules.get(item) is not None:
                gains.setdefault(item, []).append(place)
        made = []
        for item, places in gains.items():
            gain = fsum(self._queries[place].data.traffic_share * self._changes[place] for place in places)
            tested = self._claim.items.get(item)
            made.append(
                ClassItem(
                    item=item,
                    queries=len(places),
                    gain=round(gain / self._traffic, _DIGITS),
                    p_value=tested.p if tested else 1.0,
                    claimed=tested is not None,
                    examples=[self._queries[place].data.query.text for place in places[:_EXAMPLES]],
                )
            )
        return sorted(made, key=lambda item: (-item.gain, item.item))

    def _lines(self, items: Sequence[ClassItem]) -> list[str]:
        """Items as a list to paste. What wins nothing is not pasted, unless nothing wins."""
        winning = [item for item in items if item.gain > 0] or items
        return [self._line(item.item) for item in winning]

    def _line(self, item: str) -> str:
        """The change chosen for an item, as a repair lists it."""
        for place, of in enumerate(self._items):
            chosen = self._chosen(place) if of == item else None
            change = chosen.probe.query.probe.change if chosen else ""
            if " → " in change and " → " not in item:
                return change
        return item

    def _examples(self) -> list[FailureExample]:
        """The queries that win most by the changes to suggest, with their results before and after."""
        won = []
        for place, one in enumerate(self._queries):
            chosen = self._chosen(place)
            change = chosen.ndcg - one.measures.ndcg if chosen else 0.0
            if chosen and change > 0:
                won.append((-one.data.traffic_share * change, one.data.query_id, one, chosen))
        return [self._example(one, chosen) for _, _, one, chosen in sorted(won)[: self._settings.examples]]

    def _example(self, one: Scored, chosen: Tried) -> FailureExample:
        refs = {hit.product.product_id: hit.product for answer in (one.data, chosen.probe) for hit in answer.hits or []}
        return FailureExample(
            query_id=one.data.query_id,
            source_text=one.data.query.source_text,
            text=one.data.query.text,
            loss=one.data.traffic_share * one.measures.miss,
            hits=example_hits(self._market.products, [hit.product for hit in one.data.hits or []], one.data),
            change=chosen.probe.query.probe.change,
            hits_after=example_hits(self._market.products, [refs[product] for product in chosen.products], one.data),
            ndcg_before=one.measures.ndcg,
            ndcg_after=chosen.ndcg,
            guideline=one.data.guideline,
        )

    def _chosen(self, place: int) -> Tried | None:
        """The probe of the change to suggest; None where the query's item is better left as it is."""
        rule = self._claim.rules.get(self._items[place])
        return next((tried for tried in self._tried[place] if str(tried.probe.query.probe.rule) == rule), None)


def _scaled(gain: Estimate, traffic: float) -> Estimate:
    """Points of nDCG over the queries that count, as a share of the market's traffic."""
    return Estimate(
        value=gain.value * traffic,
        low=gain.low * traffic,
        high=gain.high * traffic,
        queries=gain.queries,
        claimed=gain.claimed,
    )
