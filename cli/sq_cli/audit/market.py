"""The audit of one market."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sq.v1.evaluate_config_pb2 import EvaluateConfig
from sq.v1.judgment_pb2 import JudgingRecord
from sq_audit import AuditEstimate, draw, estimate
from sq_cli.audit.records import audited_retrieval, query_set_of, read_grades
from sq_cli.compare.run_records import MarketRun, read_market
from sq_cli.progress import Display
from sq_cli.single_stages import SingleStages
from sq_handoff.location import join
from sq_measures import ndcg
from sq_measures.traffic import traffic
from sq_stagekit.config import parse_config
from sq_stagekit.errors import InputError


@dataclass(frozen=True)
class AuditedQuery:
    """Attributes:
    probability: with which it was drawn.
    first, audit: nDCG by the run's judge and by the audit's.
    """

    query_id: str
    text: str
    probability: float
    first: float
    audit: float


@dataclass(frozen=True)
class MarketAudit:
    """Attributes:
    queries: of the run that were judged; the estimate is of their mean nDCG by traffic.
    """

    market: str
    k: int
    queries: int
    estimate: AuditEstimate
    audited: list[AuditedQuery]


def audit_market(run_uri: str, market: str, judge: Mapping[str, object], queries: int, seed: int) -> MarketAudit:
    """Lets a judge rate everything that a run judged for some of its queries, and estimates the mean over all.

    A query for which a judge finds nothing relevant has an nDCG of 0.

    Raises:
        InputError: the run judged too few queries, or the judge left a query without a judgment.
        StageFailed: the judge failed, and the display has shown why.
    """
    run, folder = read_market(run_uri, market), join(run_uri, market)
    known = [query_id for query_id in run.queries if run.grades.get(query_id) and run.rankings.get(query_id)]
    if len(known) < 2:
        raise InputError("RUN", f"market {market} has {len(known)} judged queries", "give a run with more")
    weight = np.array([traffic(run.queries[query_id]) for query_id in known])
    weight = weight if weight.any() else np.ones(len(known))
    first = np.array([_figure(run, query_id, run.grades[query_id]) for query_id in known])
    drawn = draw(np.maximum(weight, weight.max() * 1e-9), first, queries, seed)
    chosen = [query_id for query_id, audited in zip(known, drawn.audited, strict=True) if audited]
    grades = _judge(folder, run, chosen, judge)
    missing = [query_id for query_id in chosen if set(run.grades[query_id]) - set(grades.get(query_id, {}))]
    if missing:
        text = run.queries[missing[0]].text
        raise InputError(
            "--judge",
            f"left products of {len(missing)} of {len(chosen)} queries without a grade, such as those of {text!r}",
            "give a judge that judges all, or one with a larger budget",
        )
    by_audit = np.array([_figure(run, query_id, grades.get(query_id, {})) for query_id in known])
    rows = [
        AuditedQuery(query_id, run.queries[query_id].text, *(round(float(value), 6) for value in figures))
        for query_id, audited, *figures in zip(known, drawn.audited, drawn.probability, first, by_audit, strict=True)
        if audited
    ]
    return MarketAudit(market, run.k, len(known), estimate(weight, first, by_audit, drawn), rows)


def _judge(folder: str, run: MarketRun, chosen: list[str], judge: Mapping[str, object]) -> dict[str, dict[str, int]]:
    config = parse_config({**judge, "pool_depth": 0}, EvaluateConfig, "--judge")
    with tempfile.TemporaryDirectory(prefix="sq-audit-") as name, Display() as display:
        retrieval = audited_retrieval(Path(name) / "retrieval", folder, run, chosen)
        inputs = [("queries", query_set_of(folder)), ("retrieval", retrieval)]
        judging = SingleStages("audit", Path(name), display).run("evaluate", config, inputs)
        return read_grades(judging, JudgingRecord)


def _figure(run: MarketRun, query_id: str, grades: Mapping[str, int]) -> float:
    ranked = [grades[product] for product in run.rankings[query_id][: run.k] if product in grades]
    return ndcg(ranked, list(grades.values()), run.k)
