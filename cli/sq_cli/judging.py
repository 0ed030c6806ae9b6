"""Translates between a list of pairs and the artefacts of the evaluate stage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sq.v1.handoff_pb2 import Handoff
from sq.v1.judgment_pb2 import JudgeFailureReason, JudgingRecord, Reason, ReasonCode
from sq.v1.manifest_pb2 import Provenance
from sq.v1.product_pb2 import ProductRef
from sq.v1.query_pb2 import Query, QuerySetRecord
from sq.v1.retrieval_pb2 import Hit, RetrievalRecord, SearchResult
from sq_cli.pairs_file import PairRow
from sq_handoff import ArtefactReader, ArtefactWriter
from sq_stagekit.errors import InputError
from sq_text import query_form

# evaluate finds the products in the catalogue by their ids; their hashes are not known here.
_UNKNOWN_HASH = "0" * 64


@dataclass(frozen=True)
class Verdict:
    """The judgment of one pair ("0" to "4", empty if judging failed) and its reasons, joined by spaces.

    Attributes:
        confidence: the judge's own, 0..1; 0 if it gives none.
    """

    judgment: str
    reasons: str
    confidence: float = 0.0


def queries_by_text(handoff: Handoff) -> dict[str, Query]:
    """The queries of a query set, by their text."""
    return {
        query.source_text: query
        for record in ArtefactReader.open(handoff.uri, QuerySetRecord)
        for query in record.segment.queries
    }


def write_retrieval(path: Path, market: str, rows: Iterable[PairRow], queries: Mapping[str, Query]) -> Handoff:
    """Writes the pairs as search results, in the order of the file."""
    wanted: dict[str, dict[str, None]] = {}
    for row in rows:
        wanted.setdefault(query_form(row.query), {})[row.docid] = None
    writer = ArtefactWriter(str(path), RetrievalRecord)
    for text, docids in wanted.items():
        if text not in queries:
            raise InputError("--pairs", f"{text!r} is not a query", "give words to search for")
        writer.write(RetrievalRecord(result=_result(queries[text], docids)))
    manifest = writer.publish(Provenance(stage="judge", market=market))
    return Handoff(uri=str(path), digest=manifest.digest)


def _result(query: Query, docids: Iterable[str]) -> SearchResult:
    hits = [
        Hit(rank=rank, product=ProductRef(product_id=docid, content_hash=_UNKNOWN_HASH))
        for rank, docid in enumerate(docids, 1)
    ]
    return SearchResult(query_id=query.query_id, segment_id=query.segment_id, hits=hits, total_hits=len(hits))


def read_verdicts(handoff: Handoff) -> dict[tuple[str, str], Verdict]:
    """The verdicts of evaluate, by query id and product id."""
    verdicts = {}
    for record in ArtefactReader.open(handoff.uri, JudgingRecord):
        if record.HasField("judgment"):
            item = record.judgment
            verdict = Verdict(str(item.grade), " ".join(map(reason_text, item.reasons)), item.confidence)
        elif record.HasField("failure"):
            item = record.failure
            name = JudgeFailureReason.Name(item.reason).removeprefix("JUDGE_FAILURE_REASON_")
            verdict = Verdict("", f"FAILED:{name}")
        elif record.WhichOneof("record") in ("summary", "trust", "guideline"):
            continue
        else:
            raise NotImplementedError(
                f"JudgingRecord.{record.WhichOneof('record')} is not read: add it to read_verdicts"
            )
        verdicts[item.query_id, item.product_id] = verdict
    return verdicts


def reason_text(reason: Reason) -> str:
    name = ReasonCode.Name(reason.code).removeprefix("REASON_CODE_")
    about = "=".join(part for part in (reason.tag_type, reason.value.replace(" ", "_")) if part)
    return f"{name}:{about}" if about else name
