"""Claims about mechanisms as failure classes, with what a reader needs to act."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum

from sq.v1.report_pb2 import ClassItem, FailureClass, FailureExample, FailureKind
from sq_mechanisms import MECHANISMS
from sq_report.effects import Claim, Diagnosis
from sq_report.examples import example_hits
from sq_report.forms import form_of
from sq_report.market import Answer, Market
from sq_report.scored import Scored
from sq_report.segments import as_record
from sq_report.settings import Settings
from sq_report.trials import Trials

_ITEMS = 20
_EXAMPLES = 3


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
        self._queries = [counted[number] for number in claim.query.tolist()]
        self._changes = claim.alone.change.tolist()
        self._probes = [trials.probes[claim.mechanism, one.data.query_id] for one in self._queries]
        self._items = [probes[0].query.probe.item for probes in self._probes]

    def made(self, market: str) -> FailureClass:
        claim = self._claim
        mechanism = MECHANISMS.get(claim.mechanism)
        items = self._class_items()
        language = self._queries[0].data.query.language
        return FailureClass(
            class_id=f"MECHANISM/{claim.mechanism}",
            kind=FailureKind.FAILURE_KIND_MECHANISM,
            mechanism=claim.mechanism,
            value=claim.mechanism,
            market=market,
            loss=as_record(claim.left.gain),
            gain=as_record(claim.left.gain),
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
            suggestions=mechanism.suggestions([self._line(item.item) for item in items], language) if mechanism else [],
            items=items,
            examples=self._examples(),
        )

    def _headline(self, title: str, repair: str | None) -> str:
        gain = self._claim.left.gain
        points = f"{100 * gain.value:.1f}"
        between = f" [{100 * gain.interval.low:.1f}, {100 * gain.interval.high:.1f}]" if gain.interval else ""
        deed = f"{repair[0].upper()}{repair[1:]}" if repair else "A repair"
        return (
            f"{title}. {deed}: it would win back at least {points} points of nDCG{between}; "
            f"{self._claim.alone.better} queries get better, {self._claim.alone.worse} worse."
        )

    def _class_items(self) -> list[ClassItem]:
        """Items that the repair would name, those that win most first."""
        gains: dict[str, list[int]] = {}
        for place, item in enumerate(self._items):
            if self._claim.rules.get(item, "") is not None:
                gains.setdefault(item, []).append(place)
        made = []
        for item, places in gains.items():
            gain = fsum(self._queries[place].data.traffic_share * self._changes[place] for place in places)
            tested = self._claim.items.get(item)
            made.append(
                ClassItem(
                    item=item,
                    queries=len(places),
                    gain=round(gain, 9),
                    p_value=tested.p if tested else 1.0,
                    claimed=tested is not None,
                    examples=[self._queries[place].data.query.text for place in places[:_EXAMPLES]],
                )
            )
        return sorted(made, key=lambda item: (-item.gain, item.item))[:_ITEMS]

    def _line(self, item: str) -> str:
        """The change chosen for an item, as a repair lists it."""
        rule = self._claim.rules.get(item)
        for place, of in enumerate(self._items):
            for probe in self._probes[place] if of == item else ():
                if str(probe.query.probe.rule) == rule and " → " in probe.query.probe.change and " → " not in item:
                    return probe.query.probe.change
        return item

    def _examples(self) -> list[FailureExample]:
        """The queries that win most, with their results before and after."""
        order = sorted(
            range(len(self._queries)),
            key=lambda place: (
                -self._queries[place].data.traffic_share * self._changes[place],
                self._queries[place].data.query_id,
            ),
        )
        return [self._example(place) for place in order[: self._settings.examples] if self._changes[place] > 0]

    def _example(self, place: int) -> FailureExample:
        one = self._queries[place]
        probe = self._probe(place)
        after = form_of(probe.query.probe.form, one.data, probe, self._settings.k)
        refs = {hit.product.product_id: hit.product for answer in (one.data, probe) for hit in answer.hits or []}
        return FailureExample(
            query_id=one.data.query_id,
            source_text=one.data.query.source_text,
            text=one.data.query.text,
            loss=one.data.traffic_share * one.measures.miss,
            hits=example_hits(self._market.products, [hit.product for hit in one.data.hits or []], one.data),
            change=probe.query.probe.change,
            hits_after=example_hits(self._market.products, [refs[product] for product in after], one.data),
            ndcg_before=one.measures.ndcg,
            ndcg_after=min(1.0, round(one.measures.ndcg + self._changes[place], 9)),
        )

    def _probe(self, place: int) -> Answer:
        rule = self._claim.rules.get(self._items[place])
        probes = self._probes[place]
        return next((probe for probe in probes if str(probe.query.probe.rule) == rule), probes[0])
