"""Checks of the whole pipeline, with the baseline judge and with people."""

from __future__ import annotations

import json
from pathlib import Path

from scipy.stats import kendalltau

from sq.v1.judgment_pb2 import JudgingRecord
from sq.v1.report_pb2 import MarketReport
from sq_e2e.checks import Checks
from sq_e2e.chorus.configuration import market, people, write_config, write_qrels
from sq_e2e.chorus.data import Chorus
from sq_e2e.chorus.programs import sq
from sq_handoff import ArtefactReader

# Reached: 0.52 to 0.53 and 0.375. Equal scores of the engine come in any order, which moves them by 0.02.
TAU = {"ndcg": 0.48, "mean_judgment": 0.34}


def check_pipeline(checks: Checks, chorus: Chorus, url: str, environment: dict[str, str]) -> None:
    path = chorus.folder / "chorus.yaml"
    markets = [
        market("baseline", chorus, url, {"baseline": {}}),
        market("people", chorus, url, people(chorus.judgments)),
        market("qrels", chorus, url, people(write_qrels(chorus, chorus.folder / "judged.qrels"))),
    ]
    write_config(path, markets)
    run = chorus.folder / "runs/e2e"
    with checks.check("the pipeline runs over the judged queries with two judges"):
        sq("run", str(path), "--run-id", "e2e", environment=environment)
    with checks.check("every judged query was served"):
        for name, report in reports(run).items():
            accounting = report.accounting
            assert accounting.queries_chosen == accounting.results == len(chorus.queries()), f"{name}: {accounting}"
    with checks.check("sq show prints the report"):
        shown = json.loads(sq("show", "e2e", "--json", environment=environment))
        assert {m["market"] for m in shown["markets"]} == {"baseline", "people", "qrels"}
    with checks.check("qrels and CSV give equal grades"):
        assert grades(run / "people") == grades(run / "qrels")
    with checks.check("judgments by people against the baseline, over queries"):
        print_comparison(reports(run))


def reports(run: Path) -> dict[str, MarketReport]:
    markets = [path.parent.name for path in run.glob("*/report")]
    return {name: next(iter(ArtefactReader.open(str(run / name / "report"), MarketReport))) for name in markets}


def grades(folder: Path) -> dict[tuple[str, str], int]:
    found = {}
    for shard in sorted((folder / "evaluate").iterdir()):
        for record in ArtefactReader.open(str(shard), JudgingRecord):
            if record.HasField("judgment"):
                found[record.judgment.query_id, record.judgment.product_id] = record.judgment.grade
    assert found, f"{folder} has no judgments"
    return found


def print_comparison(found: dict[str, MarketReport]) -> None:
    """Prints nDCG@10 of each query, and checks Kendall's tau between the judges."""
    by_people = {query.text: query for query in found["people"].queries if query.judged > 0}
    by_baseline = {query.text: query for query in found["baseline"].queries}
    assert by_people, "no result was judged by people"
    print("     query                                     people  baseline  judged by people")
    for text, query in sorted(by_people.items()):
        print(f"     {text:40.40}  {query.ndcg:6.3f}  {by_baseline[text].ndcg:8.3f}  {query.judged:6.2f}")
    for measure, floor in TAU.items():
        ours = [getattr(by_baseline[text], measure) for text in by_people]
        theirs = [getattr(query, measure) for query in by_people.values()]
        tau = kendalltau(ours, theirs).statistic
        print(f"     Kendall tau of {measure}@10 over {len(ours)} queries: {tau:.3f}")
        assert tau >= floor, f"{measure}: {tau:.3f}, at least {floor} was reached before"
