"""What a market's report says is wrong: failure classes, and what no class explains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import fsum

from sq.v1.query_pb2 import PROBE_FORM_KNOWN_ITEM, PROBE_FORM_REPEAT
from sq.v1.report_pb2 import FailureClass, MechanismTest, Probing
from sq_effects import Diagnosis, changed_places, diagnose, unstable
from sq_report.data_gap import data_gaps
from sq_report.market import Answer, Market
from sq_report.mechanism_class import mechanism_classes
from sq_report.missing_products import missing_products
from sq_report.not_sold import not_sold
from sq_report.ranking import rank
from sq_report.retrieval_failed import class_id_of, retrieval_failed
from sq_report.scored import Scored, sample_of
from sq_report.settings import Settings
from sq_report.trials import Trials, make_trials
from sq_report.unsearched_field import unsearched_fields


@dataclass(frozen=True)
class Findings:
    """Attributes:
    classes: claimed ones first, by what they cost.
    class_of: class id by query id, for queries that a class explains.
    probing: what the probes were, and the test of every mechanism.
    unstable: why nothing is claimed from probes; empty where claims were looked for.
    """

    classes: list[FailureClass]
    class_of: dict[str, str]
    probing: Probing
    unstable: str
    trials: Trials = field(default_factory=Trials)


def find(market: Market, name: str, scored: Sequence[Scored], settings: Settings) -> Findings:
    """Everything that is wrong, each thing once."""
    counted = [one for one in scored if one.measures.counts]
    trials = make_trials(market.probes, counted, market.judges, settings)
    again = _repeats(market)
    why = unstable(*again, settings.k, settings.effects)
    diagnosis = diagnose(trials.trials, sample_of(counted), trials.family, settings.effects, why)
    failed = retrieval_failed(counted, name)
    mechanisms = mechanism_classes(diagnosis, trials, counted, market, name, settings)
    classes = [
        *failed,
        *mechanisms,
        *unsearched_fields(market, name, settings),
        *missing_products(market, scored, name, settings),
        *data_gaps(scored, market.products, name, settings),
        *not_sold(scored, market, name, settings),
    ]
    return Findings(
        classes=rank(classes),
        class_of=_class_of(diagnosis, counted),
        probing=_probing(market, trials, diagnosis, changed_places(*again, settings.k), len(again[0])),
        unstable=why,
        trials=trials,
    )


def _repeats(market: Market) -> tuple[list[list[str]], list[list[str]]]:
    """Results of the queries that were asked again: the first answers, and the answers asked again."""
    queries = {data.query_id: data for data in market.queries}
    pairs = [
        (queries[probe.query.probe.probe_of], probe)
        for probe in market.probes
        if probe.query.probe.form == PROBE_FORM_REPEAT and probe.hits is not None
    ]
    return [query.products() for query, _ in pairs], [probe.products() for _, probe in pairs]


def _class_of(diagnosis: Diagnosis, counted: Sequence[Scored]) -> dict[str, str]:
    """The class that explains each query: the first claim that makes it better."""
    of: dict[str, str] = {}
    for one in counted:
        if one.measures.retrieval_failed:
            of[one.data.query_id] = class_id_of(one)
    for claim in diagnosis.claims:
        for number, change in zip(claim.query.tolist(), claim.alone.change.tolist(), strict=True):
            if change > 0:
                of.setdefault(counted[number].data.query_id, f"MECHANISM/{claim.mechanism}")
    return of


def _probing(market: Market, trials: Trials, diagnosis: Diagnosis, changed: float, repeated: int) -> Probing:
    probes: Sequence[Answer] = market.probes
    tests = [
        MechanismTest(
            mechanism=result.mechanism,
            eligible_queries=len(result.effect.change),
            gain=result.effect.gain.value,
            p_value=result.node.p,
            reason=result.reason,
        )
        for result in diagnosis.results
    ]
    tests += [MechanismTest(mechanism=name, p_value=1, reason=why) for name, why in trials.not_measurable.items()]
    known = [probe for probe in probes if probe.query.probe.form == PROBE_FORM_KNOWN_ITEM]
    return Probing(
        probes=len(probes),
        answered=sum(probe.hits is not None for probe in probes),
        failed=sum(probe.failure is not None for probe in probes),
        pairs=_probe_pairs(market),
        repeated=repeated,
        changed_places=round(changed, 9),
        known_items=len(known),
        tests=sorted(tests, key=lambda test: (test.p_value, test.mechanism)),
    )


def _probe_pairs(market: Market) -> int:
    """Pairs judged that are neither results nor known matches of the query."""
    total = 0
    for data in market.queries:
        own = {*data.products(), *(match.product_id for match in data.query.known_matches)}
        total += sum(product not in own for product in data.judgments)
    return total


def unattributed(findings: Findings, scored: Sequence[Scored]) -> float:
    """Loss that no cause was found for, as a share of the market's traffic."""
    lost = fsum(one.data.traffic_share * one.measures.miss for one in scored)
    explained = fsum(item.loss.value for item in findings.classes if item.claimed)
    return max(0.0, min(1.0, lost - explained))
