"""What a repair brought, by two runs over one query set."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from math import fsum
from pathlib import Path

from google.protobuf.message import Message

from sq.v1.judgment_pb2 import JudgingRecord
from sq.v1.query_pb2 import Query, QuerySetRecord
from sq.v1.report_pb2 import MarketReport
from sq.v1.retrieval_pb2 import RetrievalRecord
from sq_handoff import ArtefactReader
from sq_measures import ndcg

_K = 10


@dataclass(frozen=True)
class MarketRun:
    """The artefacts of one market of a run."""

    folder: Path

    def records(self, node: str, kind: type[Message]) -> Iterator[Message]:
        for manifest in sorted((self.folder / node).rglob("manifest.json")):
            yield from ArtefactReader.open(str(manifest.parent), kind)

    @cached_property
    def report(self) -> MarketReport:
        return next(self.records("report", MarketReport))

    @cached_property
    def grades(self) -> dict[str, dict[str, int]]:
        """Grades by query id and product id, of results and of what probes found."""
        found: defaultdict[str, dict[str, int]] = defaultdict(dict)
        for node in ("evaluate", "probe-evaluate"):
            for record in self.records(node, JudgingRecord):
                if record.HasField("judgment"):
                    found[record.judgment.query_id][record.judgment.product_id] = record.judgment.grade
        return found

    @cached_property
    def results(self) -> dict[str, list[str]]:
        """The first products of each query that was answered."""
        return {
            record.result.query_id: [hit.product.product_id for hit in record.result.hits[:_K]]
            for record in self.records("retrieve", RetrievalRecord)
            if record.HasField("result")
        }

    @cached_property
    def probes(self) -> list[Query]:
        return [query for record in self.records("diagnose", QuerySetRecord) for query in record.segment.queries]

    def eligible(self, mechanism: str) -> set[str]:
        """Ids of the queries that a mechanism changes and that count in the report."""
        measured = {query.query_id for query in self.report.queries if query.measured}
        return {probe.probe.probe_of for probe in self.probes if probe.probe.mechanism == mechanism} & measured


def came(before: MarketRun, after: MarketRun, queries: set[str]) -> float:
    """Traffic-weighted mean change of nDCG of some queries, -1..1, with one ideal over the judgments of both runs."""
    weights = {query.query_id: query.traffic_share for query in before.report.queries if query.query_id in queries}
    changes = [weight * _change(before, after, query_id) for query_id, weight in weights.items()]
    return fsum(changes) / fsum(weights.values()) if weights else 0.0


def _change(before: MarketRun, after: MarketRun, query_id: str) -> float:
    judged = before.grades[query_id] | after.grades[query_id]
    scores = [_score(run.results.get(query_id, []), judged) for run in (before, after)]
    return scores[1] - scores[0]


def _score(products: list[str], judged: dict[str, int]) -> float:
    return ndcg([judged[product] for product in products if product in judged], list(judged.values()), _K)
