"""What the probes of each mechanism did to the queries they change, as arrays for the tests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from sq.v1.query_pb2 import PROBE_FORM_BLEND, PROBE_FORM_KNOWN_ITEM, PROBE_FORM_REPEAT
from sq_effects import Trial
from sq_measures import ndcg
from sq_mechanisms import MECHANISMS, Mechanism
from sq_report.forms import NoScores, form_of
from sq_report.judge_kinds import compares_words
from sq_report.market import Answer, QueryData
from sq_report.measures import State
from sq_report.scored import Scored
from sq_report.settings import Settings
from sq_report.shared_list import shared_list

_NO_SCORES = (
    "the endpoint gives no scores, so results cannot be blended; name where the score stands "
    "(json.answer.score of the retrieve configuration)"
)
_UNANSWERED = "no probe was answered and judged"
_WORDS_ONLY = (
    "the judge compares words and does not know what was meant; use a judge that understands language, "
    "or list the words (words.synonyms_uri of the market)"
)


@dataclass(frozen=True)
class Tried:
    """A probe that counts: the first k products that its form gives, and their nDCG for the original query."""

    probe: Answer
    products: list[str]
    ndcg: float


@dataclass
class Trials:
    """Attributes:
    trials: of the mechanisms with at least one measured query.
    family: mechanisms that were probed, whatever came of it.
    not_measurable: by mechanism, why none of its probes counts.
    left_out: by mechanism with a trial, how many of its queries do not count, and the most frequent reason.
    tried: by mechanism and query id, the probes that count.
    """

    trials: list[Trial] = field(default_factory=list)
    family: int = 0
    not_measurable: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, tuple[int, str]] = field(default_factory=dict)
    tried: dict[tuple[str, str], list[Tried]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Row:
    """One query's changes under one mechanism: change of nDCG by rule."""

    query: int
    item: str
    delta: Mapping[int, float]


def make_trials(
    probes: Sequence[Answer], scored: Sequence[Scored], judges: Sequence[str], settings: Settings
) -> Trials:
    """One trial a mechanism.

    Args:
        scored: the queries of the sample, in its order; a probe of any other query does not count.
        judges: names of the judges of the market.
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
            tried, why = _try(name, one, of_query, settings)
            if tried:
                made.tried[name, query_id] = tried
                rows.append(_row(numbers[query_id], one, tried))
            else:
                lost[why] += 1
        if rows:
            made.trials.append(_trial(name, rows, uncontested=bool(shared_list(name, judges))))
            if lost:
                made.left_out[name] = lost.total(), lost.most_common(1)[0][0]
        elif lost:
            made.not_measurable[name] = lost.most_common(1)[0][0]
    return made


def _try(name: str, one: Scored, probes: Sequence[Answer], settings: Settings) -> tuple[list[Tried], str]:
    """The probes that count; where none does, why."""
    mechanism = MECHANISMS.get(name)
    if one.measures.state is not State.MEASURED:
        return [], "the query was not measured"
    if mechanism is not None and mechanism.needs_meaning and _words_only(one.data):
        return [], _WORDS_ONLY
    try:
        tried = [_after(probe, one.data, mechanism, settings) for probe in probes if probe.failure is None]
    except NoScores:
        return [], _NO_SCORES
    if not tried:
        return [], next((probe.failure.detail for probe in probes if probe.failure.detail), _UNANSWERED)
    return [one for one in tried if one is not None], _UNANSWERED


def _row(number: int, one: Scored, tried: Sequence[Tried]) -> _Row:
    delta = {found.probe.query.probe.rule: found.ndcg - one.measures.ndcg for found in tried}
    return _Row(number, tried[0].probe.query.probe.item, delta)


def _words_only(data: QueryData) -> bool:
    """Whether the judge compares words, and nothing says which words were meant."""
    judged = data.judgments.values()
    return bool(judged) and all(compares_words(one.judge) for one in judged) and not data.query.meant_text


def _after(probe: Answer, data: QueryData, mechanism: Mechanism | None, settings: Settings) -> Tried | None:
    """What the form gives; None where too little of it is judged."""
    form = probe.query.probe.form
    more = mechanism.more_hits if mechanism else 0
    if form == PROBE_FORM_BLEND and more and probe.total_hits <= more * data.total_hits:
        products = data.products(settings.k)
    else:
        products = form_of(form, data, probe, settings.k)
    judged = [data.judgments[product].grade for product in products if product in data.judgments]
    if len(judged) < settings.minimum_judged * len(products):
        return None
    grades = [judgment.grade for judgment in data.judgments.values()]
    return Tried(probe, products, ndcg(judged, grades, settings.k))


def _trial(name: str, rows: Sequence[_Row], *, uncontested: bool) -> Trial:
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
        uncontested=uncontested,
    )
