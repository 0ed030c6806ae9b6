"""Small artefacts for the tests, and the stage over them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import sq_evaluate.__main__ as program
from sq.v1.judgment_pb2 import JudgeFailureReason, JudgingRecord, ReasonCode
from sq.v1.manifest_pb2 import Provenance
from sq.v1.product_pb2 import Attribute, Product, ProductRef
from sq.v1.query_pb2 import BAND_HEAD, Query, QuerySetRecord, Segment
from sq.v1.retrieval_pb2 import (
    RETRIEVAL_FAILURE_REASON_TIMEOUT,
    Hit,
    RetrievalFailure,
    RetrievalRecord,
    SearchResult,
)
from sq.v1.tag_pb2 import Tag
from sq_evaluate.run import run
from sq_handoff import ArtefactReader, ArtefactWriter
from sq_handoff.product import seal
from sq_stagekit import Stage, run_stage


def product(
    product_id: str, title: str, *, brand: str = "", category: str = "", text: str = "", **tags: str
) -> Product:
    """A product. Further arguments are attributes with the tag type of that name: colour="red" has COLOUR."""
    attributes = [Attribute(name=n, values=v.split("|"), tag_type=n.upper()) for n, v in sorted(tags.items()) if v]
    return seal(
        Product(
            product_id=product_id,
            title=title,
            description=text,
            brand=brand,
            categories=[category] if category else [],
            attributes=attributes,
        )
    )


def query(text: str, *tags: str, known: Iterable[Product] = (), **fields: object) -> Query:
    """An English query with tags written as TYPE=value. A value that occurs in the text gives the tag its span."""
    read = [_tag(text, *tag.split("=")) for tag in tags]
    given = {
        "query_id": f"q{hashlib.sha256(text.encode()).hexdigest()[:16]}",
        "segment_id": "S",
        "source_text": text,
        "source_language": "en",
        "text": text,
        "language": "en",
        "source_tags": read,
        "tags": read,
        "intended_tags": read,
        "band": BAND_HEAD,
        "known_matches": [ref(item) for item in known],
    }
    return Query(**{**given, **fields})


def _tag(text: str, kind: str, value: str) -> Tag:
    start = max(text.find(value), 0)
    end = start + len(value) if value in text else 0
    return Tag(type=kind, value=value, surface=value, start=start if end else 0, end=end)


def ref(item: Product) -> ProductRef:
    return ProductRef(product_id=item.product_id, content_hash=item.content_hash)


def query_set(queries: Sequence[Query], products: Iterable[Product] = ()) -> list[QuerySetRecord]:
    segment = Segment(segment_id="S", queries=queries)
    return [*(QuerySetRecord(product=item) for item in products), QuerySetRecord(segment=segment)]


def result(asked: Query, hits: Sequence[ProductRef]) -> RetrievalRecord:
    ranked = [Hit(rank=rank, product=hit) for rank, hit in enumerate(hits, 1)]
    return RetrievalRecord(result=SearchResult(query_id=asked.query_id, segment_id="S", hits=ranked))


def failed(asked: Query) -> RetrievalRecord:
    failure = RetrievalFailure(query_id=asked.query_id, segment_id="S", reason=RETRIEVAL_FAILURE_REASON_TIMEOUT)
    return RetrievalRecord(failure=failure)


def retrieval(results: Sequence[tuple[Query, Sequence[Product] | None]]) -> list[RetrievalRecord]:
    """Results by query, each product before the first result that names it. None stands for a failed retrieval."""
    records: list[RetrievalRecord] = []
    written: set[str] = set()
    for asked, hits in results:
        if hits is None:
            records.append(failed(asked))
            continue
        for hit in hits:
            if hit.content_hash not in written:
                written.add(hit.content_hash)
                records.append(RetrievalRecord(product=hit))
        records.append(result(asked, [ref(hit) for hit in hits]))
    return records


def publish(uri: Path, message: type, records: Iterable[object]) -> str:
    writer = ArtefactWriter(str(uri), message)
    for record in records:
        writer.write(record)
    writer.publish(Provenance(stage="test", run_id="r"))
    return str(uri)


@dataclass
class Market:
    """A query set and its retrieval as artefacts, and the evaluate stage over them."""

    folder: Path
    queries: list[QuerySetRecord]
    retrieval: list[RetrievalRecord]
    arguments: list[str] = field(init=False)

    def __post_init__(self) -> None:
        queries = publish(self.folder / "queries", QuerySetRecord, self.queries)
        results = publish(self.folder / "retrieval", RetrievalRecord, self.retrieval)
        self.arguments = ["--run-id", "r", "--market", "uk", "--input", f"queries={queries}"]
        self.arguments += ["--input", f"retrieval={results}"]

    def command(self, config: dict, output: str = "judging", shard: str = "") -> list[str]:
        arguments = [*self.arguments, "--config", json.dumps(config), "--output", str(self.folder / output)]
        return [*arguments, "--shard", shard] if shard else arguments

    def run(self, config: dict, output: str = "judging", shard: str = "") -> int:
        """Runs the stage in this process and returns its exit code."""
        return run_stage(Stage.beside(program.__file__), run, self.command(config, output, shard))

    def judging(self, output: str = "judging") -> ArtefactReader[JudgingRecord]:
        return ArtefactReader.open(str(self.folder / output), JudgingRecord)


def verdicts(records: Iterable[JudgingRecord]) -> list[tuple[str, object]]:
    """(product id, grade) for judgments, (product id, reason's name) for failures, in order; no summary."""
    found: list[tuple[str, object]] = []
    for record in records:
        if record.HasField("judgment"):
            found.append((record.judgment.product_id, record.judgment.grade))
        elif record.HasField("failure"):
            reason = JudgeFailureReason.Name(record.failure.reason).removeprefix("JUDGE_FAILURE_REASON_")
            found.append((record.failure.product_id, reason))
    return found


def reasons(judgment: object) -> list[str]:
    """Reasons as CODE TYPE=value."""
    return [
        f"{ReasonCode.Name(reason.code).removeprefix('REASON_CODE_')} {reason.tag_type}={reason.value}"
        for reason in judgment.reasons
    ]
