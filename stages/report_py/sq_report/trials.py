"""What the probes of each mechanism did to the queries they change, as arrays for the tests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from sq.v1.query_pb2 import PROBE_FORM_BLEND, PROBE_FORM_KNOWN_ITEM, PROBE_FORM_REPEAT
from sq_mechanisms import MECHANISMS, Mechanism
from sq_report.effects import Trial
from sq_report.forms import NoScores, form_of
from sq_report.market import Answer, QueryData
from sq_report.measures import State, ndcg
from sq_report.scored import Scored
from sq_report.settings import Settings

_NO_SCORES = (
    "the endpoint gives no scores, so results cannot be blended; name where the score stands "
    "(json.answer.score of the retrieve configuration)"
)
_WORDS_ONLY = (
    "the judge compares words and does not know what was meant; use a judge that understands language, or list the words "
    "(words.synonyms_uri of the market)"
)


@dataclass
class Trials:
    """Attributes:
    trials: of the mechanisms with at least one measured query.
    family: mechanisms that were probed, whatever came of it.
    not_measurable: by mechanism, why none of its probes counts.
    probes: by mechanism and query id, the probes that count.
    """

    trials: list[Trial] = field(default_factory=list)
    family: int = 0
    not_measurable: dict[str, str] = field(default_factory=dict)
    probes: dict[tuple[str, str], list[Answer]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Row:
    """One query's changes under one mechanism: change of nDCG by rule."""

    query: int
    item: str
    delta: Mapping[int, float]


def make_trials(probes: Sequence[Answer], scored: Sequence[Scored], settings: Settings) -> Trials:
    """One trial a mechanism.

    Args:
        scored: the queries of the sample, in its order; a probe of any other query does not count.
    """
    numbers = {one.data.query_id: number for number, one in enumerate(scored)}
    made = Trials()
    grouped: dict[str, dict[str, list[Answer]]] = {}
    for probe in probes:
        what = probe.query.probe
        if what.form not in (PROBE_FORM_KNOWN_ITEM, PROBE_FORM_REPEAT):
            grouped.setdefault(what.mechanism, {}).setdefault(what.probe_of, []).append(probe)
    made.family = len(grouped)
    for name, by_query in sorted(grouped.items()):
        rows, lost = [], Counter()
        for query_id, of_query in by_query.items():
            if query_id not in numbers:
                continue
            one = scored[numbers[query_id]]
            row, why = _row(name, numbers[query_id], one, of_query, settings)
            if row is None:
                lost[why] += 1
            else:
                rows.append(row)
                made.probes[name, query_id] = of_query
        if rows:
            made.trials.append(_trial(name, rows))
        elif lost:
            made.not_measurable[name] = lost.most_common(1)[0][0]
    return made


def _row(name: str, number: int, one: Scored, probes: Sequence[Answer], settings: Settings) -> tuple[_Row | None, str]:
    mechanism = MECHANISMS.get(name)
    if one.measures.state is not State.MEASURED:
        return None, "the query was not measured"
    if mechanism is not None and mechanism.needs_meaning and _words_only(one.data):
        return None, _WORDS_ONLY
    delta = {}
    for probe in probes:
        if probe.failure is not None:
            continue
        try:
            after = _ndcg_after(probe, one.data, mechanism, settings)
        except NoScores:
            return None, _NO_SCORES
        if after is not None:
            delta[probe.query.probe.rule] = after - one.measures.ndcg
    if not delta:
        return None, "no probe was answered and judged"
    return _Row(number, probes[0].query.probe.item, delta), ""


def _words_only(data: QueryData) -> bool:
    """Whether the judge compares words, and nothing says which words were meant."""
    judges = {judgment.judge.split("/")[0] for judgment in data.judgments.values()}
    return judges == {"baseline"} and not data.query.meant_text


def _ndcg_after(probe: Answer, data: QueryData, mechanism: Mechanism | None, settings: Settings) -> float | None:
    """nDCG of the form; None where too little of it is judged."""
    form = probe.query.probe.form
    more = mechanism.more_hits if mechanism else 0
    if form == PROBE_FORM_BLEND and more and probe.total_hits <= more * data.total_hits:
        products = data.products(settings.k)
    else:
        products = form_of(form, data, probe, settings.k)
    judged = [data.judgments[product].grade for product in products if product in data.judgments]
    if len(judged) < settings.minimum_judged * len(products):
        return None
    return ndcg(judged, [judgment.grade for judgment in data.judgments.values()], settings.k)


def _trial(name: str, rows: Sequence[_Row]) -> Trial:
    rules = sorted({rule for row in rows for rule in row.delta})
    delta = np.array([[row.delta.get(rule, np.nan) for rule in rules] for row in rows], dtype=np.float64)
    mechanism = MECHANISMS.get(name)
    return Trial(
        mechanism=name,
        changes=[str(rule) for rule in rules],
        query=np.array([row.query for row in rows], dtype=np.intp),
        item=[row.item for row in rows],
        delta=np.clip(delta, -1, 1),
        listed=mechanism.listed if mechanism else False,
    )
