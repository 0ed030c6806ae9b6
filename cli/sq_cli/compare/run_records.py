"""What a run measured of one market: queries, rankings and judgments, read from its artefacts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from google.protobuf.message import Message

from sq.v1.judgment_pb2 import JudgingRecord
from sq.v1.query_pb2 import Query, QuerySetRecord
from sq.v1.report_pb2 import MarketReport
from sq.v1.retrieval_pb2 import RetrievalRecord
from sq_handoff import ArtefactReader, Store
from sq_handoff.location import join
from sq_stagekit.errors import InputError

_MANIFEST = "/manifest.json"


@dataclass
class MarketRun:
    """Attributes:
    rankings: product ids of each answered query, best first.
    failed: ids of queries that the endpoint did not answer.
    grades: by query id and product id, with those of probes' results.
    classes: class id by query id, as the run's report has it.
    claims: ids of the claimed classes, by rank.
    judges: names of the judges that graded.
    """

    queries: dict[str, Query] = field(default_factory=dict)
    rankings: dict[str, list[str]] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)
    grades: dict[str, dict[str, int]] = field(default_factory=dict)
    classes: dict[str, str] = field(default_factory=dict)
    claims: list[str] = field(default_factory=list)
    judges: set[str] = field(default_factory=set)
    k: int = 10
    relevant_grade: int = 3


def markets_of(run_uri: str) -> list[str]:
    """Names of the markets that a run has a report of.

    Raises:
        InputError: the run has no report.
    """
    names = sorted(name.split("/")[0] for name in Store.at(run_uri).list() if name.endswith(f"/report{_MANIFEST}"))
    if not names:
        raise InputError(run_uri, "has no finished market", "give a run whose report is there")
    return names


def read_market(run_uri: str, market: str) -> MarketRun:
    """Everything that the run measured of a market."""
    folder, run = join(run_uri, market), MarketRun()
    for record in records(folder, "generate", QuerySetRecord):
        for query in record.segment.queries:
            run.queries[query.query_id] = query
    for record in records(folder, "retrieve", RetrievalRecord):
        if record.HasField("result"):
            run.rankings[record.result.query_id] = [hit.product.product_id for hit in record.result.hits]
        elif record.HasField("failure"):
            run.failed.add(record.failure.query_id)
    for node in ("evaluate", "probe-evaluate"):
        for record in records(folder, node, JudgingRecord):
            if record.HasField("judgment"):
                judgment = record.judgment
                run.grades.setdefault(judgment.query_id, {})[judgment.product_id] = judgment.grade
                run.judges.add(judgment.judge)
    for report in records(folder, "report", MarketReport):
        run.k, run.relevant_grade = report.k, report.relevant_grade
        run.classes = {score.query_id: score.class_id for score in report.queries if score.class_id}
        run.claims = [item.class_id for item in report.failure_classes if item.claimed]
    return run


def records(folder: str, node: str, message: type[Message]) -> Iterator[Message]:
    """The records of a node of a market's run, of all its shards."""
    place = join(folder, node)
    for name in sorted(Store.at(place).list()):
        if name == _MANIFEST.strip("/") or name.endswith(_MANIFEST):
            yield from ArtefactReader.open(join(place, name.removesuffix("manifest.json").rstrip("/")), message)
