"""The rules that records must satisfy beyond their types.

Plain code, because a rule engine is too slow to run for every record. proto/cases/records.json tests that both
languages apply the same rules.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Container, Iterable

from google.protobuf.message import Message

from sq.v1 import judgment_pb2, product_pb2, query_pb2, report_pb2, retrieval_pb2, tag_difference_pb2, tag_pb2

_HEX64 = re.compile(r"[0-9a-f]{64}")
_TAG_TYPE = re.compile(r"[A-Z][A-Z0-9_]*")
MAX_GRADE = 4

_BANDS = frozenset(query_pb2.Band.values())
_PROBE_FORMS = frozenset(query_pb2.ProbeForm.values())
_QUERY_FAILURES = frozenset(query_pb2.QueryFailureReason.values())
_RETRIEVAL_FAILURES = frozenset(retrieval_pb2.RetrievalFailureReason.values())
_JUDGE_FAILURES = frozenset(judgment_pb2.JudgeFailureReason.values())
_REASON_CODES = frozenset(judgment_pb2.ReasonCode.values())
_CHANGE_KINDS = frozenset(tag_difference_pb2.TagChangeKind.values())


class RecordError(ValueError):
    """A field of a record breaks its contract. The message begins with the field's path."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field
        self.problem = problem


def check_record(record: Message) -> None:
    """Checks one record of an artefact.

    Raises:
        RecordError: names the first invalid field, in field order.
    """
    check = _CHECKS.get(record.DESCRIPTOR.full_name)
    if check:
        check(record, "")


# `at` is the path of the message and ends in ".", unless it is empty. The path of a field is built only for an error,
# because these functions run for every record.


def _require(valid: bool, at: str, field: str, problem: str) -> None:
    if not valid:
        raise RecordError(at + field, problem)


def _text(value: str, at: str, field: str) -> None:
    if not value:
        raise RecordError(at + field, "must not be empty")


def _share(value: float, at: str, field: str) -> None:
    if not 0 <= value <= 1:  # also true for NaN
        raise RecordError(at + field, "must be from 0 to 1")


def _finite(value: float, at: str, field: str) -> None:
    if not math.isfinite(value):
        raise RecordError(at + field, "must be finite")


def _hash(value: str, at: str, field: str) -> None:
    if _HEX64.fullmatch(value) is None:
        raise RecordError(at + field, "must be 64 hexadecimal digits")


def _chosen(value: int, known: Container[int], at: str, field: str) -> None:
    if value == 0:
        raise RecordError(at + field, "must be set")
    _known(value, known, at, field)


def _known(value: int, known: Container[int], at: str, field: str) -> None:
    if value not in known:
        raise RecordError(at + field, f"{value} is not a value of this enum; another version of sq may have written it")


def _each(items: Iterable[Message], at: str, field: str, check: Callable[[Message, str], None]) -> None:
    for index, item in enumerate(items):
        check(item, f"{at}{field}[{index}].")


def _one_of(record: Message, at: str) -> None:
    kind = record.WhichOneof("record")
    _require(kind is not None, at, "record", "must be set")
    inner = getattr(record, kind)
    _CHECKS[inner.DESCRIPTOR.full_name](inner, f"{at}{kind}.")


def _tag(tag: tag_pb2.Tag, at: str) -> None:
    _require(_TAG_TYPE.fullmatch(tag.type) is not None, at, "type", "must be upper case, like BRAND")
    _text(tag.value, at, "value")
    _require(tag.start <= tag.end, at, "end", "must not be before start")


def _product(product: product_pb2.Product, at: str) -> None:
    _text(product.product_id, at, "product_id")
    _hash(product.content_hash, at, "content_hash")
    for index, attribute in enumerate(product.attributes):
        if not attribute.name:
            raise RecordError(f"{at}attributes[{index}].name", "must not be empty")
    _require(math.isfinite(product.price) and product.price >= 0, at, "price", "must be finite and at least 0")


def _ref(ref: product_pb2.ProductRef, at: str) -> None:
    _text(ref.product_id, at, "product_id")
    _hash(ref.content_hash, at, "content_hash")


def _summary(summary: query_pb2.QueryLogSummary, at: str) -> None:
    _require(summary.rows == summary.searches + summary.junk_rows, at, "rows", "must equal searches + junk_rows")
    _share(summary.traffic_covered, at, "traffic_covered")
    for index, band in enumerate(summary.bands):
        _chosen(band.band, _BANDS, at, f"bands[{index}].band")
        _share(band.covered, at, f"bands[{index}].covered")


def _segment(segment: query_pb2.Segment, at: str) -> None:
    _text(segment.segment_id, at, "segment_id")
    _share(segment.traffic_share, at, "traffic_share")
    _each(segment.queries, at, "queries", _query)


def _query(query: query_pb2.Query, at: str) -> None:
    _text(query.query_id, at, "query_id")
    _text(query.segment_id, at, "segment_id")
    _text(query.source_text, at, "source_text")
    _text(query.text, at, "text")
    _each(query.source_tags, at, "source_tags", _tag)
    _each(query.tags, at, "tags", _tag)
    _share(query.traffic_share, at, "traffic_share")
    _chosen(query.band, _BANDS, at, "band")
    _each(query.known_matches, at, "known_matches", _ref)
    _each(query.intended_tags, at, "intended_tags", _tag)
    _known(query.probe.form, _PROBE_FORMS, at, "probe.form")


def _query_failure(failure: query_pb2.QueryFailure, at: str) -> None:
    _text(failure.query_id, at, "query_id")
    _text(failure.segment_id, at, "segment_id")
    _chosen(failure.reason, _QUERY_FAILURES, at, "reason")
    _share(failure.traffic_share, at, "traffic_share")


def _result(result: retrieval_pb2.SearchResult, at: str) -> None:
    _text(result.query_id, at, "query_id")
    seen: set[str] = set()
    for index, hit in enumerate(result.hits):
        where = f"{at}hits[{index}]."
        _require(hit.rank == index + 1, where, "rank", "must count from 1 without gaps")
        _ref(hit.product, f"{where}product.")
        _require(hit.product.product_id not in seen, where, "product.product_id", "must be unique")
        seen.add(hit.product.product_id)
        _finite(hit.score, where, "score")


def _retrieval_failure(failure: retrieval_pb2.RetrievalFailure, at: str) -> None:
    _text(failure.query_id, at, "query_id")
    _chosen(failure.reason, _RETRIEVAL_FAILURES, at, "reason")


def _judgment(judgment: judgment_pb2.Judgment, at: str) -> None:
    _text(judgment.query_id, at, "query_id")
    _text(judgment.product_id, at, "product_id")
    _hash(judgment.content_hash, at, "content_hash")
    _require(judgment.grade <= MAX_GRADE, at, "grade", "must be from 0 to 4")
    explained = judgment.grade == MAX_GRADE or judgment.judge.startswith("people")
    _require(explained or len(judgment.reasons) > 0, at, "reasons", "must not be empty if the grade is below 4")
    for index, reason in enumerate(judgment.reasons):
        if reason.code not in _REASON_CODES or reason.code == 0:
            _chosen(reason.code, _REASON_CODES, at, f"reasons[{index}].code")
    _text(judgment.judge, at, "judge")
    _share(judgment.confidence, at, "confidence")


def _judge_failure(failure: judgment_pb2.JudgeFailure, at: str) -> None:
    _text(failure.query_id, at, "query_id")
    _text(failure.product_id, at, "product_id")
    _chosen(failure.reason, _JUDGE_FAILURES, at, "reason")
    _text(failure.judge, at, "judge")


def _tag_difference(difference: tag_difference_pb2.TagDifference, at: str) -> None:
    _text(difference.query_id, at, "query_id")
    for index, change in enumerate(difference.changes):
        _chosen(change.kind, _CHANGE_KINDS, at, f"changes[{index}].kind")
    for index, term in enumerate(difference.uncovered_terms):
        _text(term.term, at, f"uncovered_terms[{index}].term")
        _require(
            term.results_containing <= term.results_checked,
            at,
            f"uncovered_terms[{index}].results_containing",
            "must not exceed results_checked",
        )
    _each(difference.evidence, at, "evidence", _evidence)


def _evidence(evidence: tag_difference_pb2.TagEvidence, at: str) -> None:
    _tag(evidence.tag, f"{at}tag.")
    parts = (
        evidence.results_matching + evidence.results_differing + evidence.results_missing + evidence.results_conflicting
    )
    _require(parts == evidence.results_checked, at, "results_checked", "must be the sum of the four results_* counts")


def _market_report(report: report_pb2.MarketReport, at: str) -> None:
    _text(report.market, at, "market")
    _require(report.k > 0, at, "k", "must be at least 1")
    _share(report.unattributed_loss, at, "unattributed_loss")


def _run_report(report: report_pb2.RunReport, at: str) -> None:
    _each(report.markets, at, "markets", _market_report)


_CHECKS: dict[str, Callable[[Message, str], None]] = {
    "sq.v1.QuerySetRecord": _one_of,
    "sq.v1.RetrievalRecord": _one_of,
    "sq.v1.JudgingRecord": _one_of,
    "sq.v1.QueryLogSummary": _summary,
    "sq.v1.Product": _product,
    "sq.v1.Segment": _segment,
    "sq.v1.QueryFailure": _query_failure,
    "sq.v1.SearchResult": _result,
    "sq.v1.RetrievalFailure": _retrieval_failure,
    "sq.v1.Judgment": _judgment,
    "sq.v1.JudgeFailure": _judge_failure,
    # Any depths are right.
    "sq.v1.JudgingSummary": lambda summary, at: None,
    "sq.v1.TagDifference": _tag_difference,
    "sq.v1.MarketReport": _market_report,
    "sq.v1.RunReport": _run_report,
}
