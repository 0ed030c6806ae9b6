"""The rules that records must satisfy beyond their types.

Plain code, because a rule engine is too slow to run for every record. proto/cases/records.json tests that both
languages apply the same rules.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from google.protobuf.message import Message

from sq.v1 import judgment_pb2, product_pb2, query_pb2, report_pb2, retrieval_pb2, tag_difference_pb2, tag_pb2
from sq_handoff.record_rules import RecordError, chosen, content_hash, each, finite, known_value, require, share, text

_TAG_TYPE = re.compile(r"[A-Z][A-Z0-9_]*")
MAX_GRADE = 4

_BANDS = frozenset(query_pb2.Band.values())
_PROBE_FORMS = frozenset(query_pb2.ProbeForm.values())
_QUERY_FAILURES = frozenset(query_pb2.QueryFailureReason.values())
_RETRIEVAL_FAILURES = frozenset(retrieval_pb2.RetrievalFailureReason.values())
_JUDGE_FAILURES = frozenset(judgment_pb2.JudgeFailureReason.values())
_REASON_CODES = frozenset(judgment_pb2.ReasonCode.values())
_PICTURE_PROBLEMS = frozenset(judgment_pb2.PictureProblem.values())
_FACET_VERDICTS = frozenset(judgment_pb2.FacetVerdict.values())
_CHANGE_KINDS = frozenset(tag_difference_pb2.TagChangeKind.values())


def check_record(record: Message) -> None:
    """Checks one record of an artefact.

    Raises:
        RecordError: names the first invalid field, in field order.
    """
    check = _CHECKS.get(record.DESCRIPTOR.full_name)
    if check:
        check(record, "")


def _one_of(record: Message, at: str) -> None:
    kind = record.WhichOneof("record")
    require(kind is not None, at, "record", "must be set")
    inner = getattr(record, kind)
    _CHECKS[inner.DESCRIPTOR.full_name](inner, f"{at}{kind}.")


def _tag(tag: tag_pb2.Tag, at: str) -> None:
    require(_TAG_TYPE.fullmatch(tag.type) is not None, at, "type", "must be upper case, like BRAND")
    text(tag.value, at, "value")
    require(tag.start <= tag.end, at, "end", "must not be before start")


def _product(product: product_pb2.Product, at: str) -> None:
    text(product.product_id, at, "product_id")
    content_hash(product.content_hash, at, "content_hash")
    for index, attribute in enumerate(product.attributes):
        if not attribute.name:
            raise RecordError(f"{at}attributes[{index}].name", "must not be empty")
    require(math.isfinite(product.price) and product.price >= 0, at, "price", "must be finite and at least 0")


def _ref(ref: product_pb2.ProductRef, at: str) -> None:
    text(ref.product_id, at, "product_id")
    content_hash(ref.content_hash, at, "content_hash")


def _summary(summary: query_pb2.QueryLogSummary, at: str) -> None:
    require(summary.rows == summary.searches + summary.junk_rows, at, "rows", "must equal searches + junk_rows")
    share(summary.traffic_covered, at, "traffic_covered")
    for index, band in enumerate(summary.bands):
        chosen(band.band, _BANDS, at, f"bands[{index}].band")
        share(band.covered, at, f"bands[{index}].covered")


def _segment(segment: query_pb2.Segment, at: str) -> None:
    text(segment.segment_id, at, "segment_id")
    share(segment.traffic_share, at, "traffic_share")
    each(segment.queries, at, "queries", _query)


def _query(query: query_pb2.Query, at: str) -> None:
    text(query.query_id, at, "query_id")
    text(query.segment_id, at, "segment_id")
    text(query.source_text, at, "source_text")
    text(query.text, at, "text")
    each(query.source_tags, at, "source_tags", _tag)
    each(query.tags, at, "tags", _tag)
    share(query.traffic_share, at, "traffic_share")
    chosen(query.band, _BANDS, at, "band")
    each(query.known_matches, at, "known_matches", _ref)
    each(query.intended_tags, at, "intended_tags", _tag)
    known_value(query.probe.form, _PROBE_FORMS, at, "probe.form")


def _query_failure(failure: query_pb2.QueryFailure, at: str) -> None:
    text(failure.query_id, at, "query_id")
    text(failure.segment_id, at, "segment_id")
    chosen(failure.reason, _QUERY_FAILURES, at, "reason")
    share(failure.traffic_share, at, "traffic_share")


def _result(result: retrieval_pb2.SearchResult, at: str) -> None:
    text(result.query_id, at, "query_id")
    seen: set[str] = set()
    for index, hit in enumerate(result.hits):
        where = f"{at}hits[{index}]."
        require(hit.rank == index + 1, where, "rank", "must count from 1 without gaps")
        _ref(hit.product, f"{where}product.")
        require(hit.product.product_id not in seen, where, "product.product_id", "must be unique")
        seen.add(hit.product.product_id)
        finite(hit.score, where, "score")


def _retrieval_failure(failure: retrieval_pb2.RetrievalFailure, at: str) -> None:
    text(failure.query_id, at, "query_id")
    chosen(failure.reason, _RETRIEVAL_FAILURES, at, "reason")


def _judgment(judgment: judgment_pb2.Judgment, at: str) -> None:
    text(judgment.query_id, at, "query_id")
    text(judgment.product_id, at, "product_id")
    content_hash(judgment.content_hash, at, "content_hash")
    require(judgment.grade <= MAX_GRADE, at, "grade", "must be from 0 to 4")
    explained = judgment.grade == MAX_GRADE or judgment.judge.startswith("people")
    require(explained or len(judgment.reasons) > 0, at, "reasons", "must not be empty if the grade is below 4")
    for index, reason in enumerate(judgment.reasons):
        if reason.code not in _REASON_CODES or reason.code == 0:
            chosen(reason.code, _REASON_CODES, at, f"reasons[{index}].code")
    text(judgment.judge, at, "judge")
    share(judgment.confidence, at, "confidence")
    for index, facet in enumerate(judgment.facets):
        chosen(facet.verdict, _FACET_VERDICTS, at, f"facets[{index}].verdict")


def _trust(trust: judgment_pb2.JudgeTrust, at: str) -> None:
    require(trust.supported <= trust.faceted, at, "supported", "must not exceed faceted")
    require(trust.invented_quotes <= trust.quotes, at, "invented_quotes", "must not exceed quotes")
    each(trust.canaries, at, "canaries", _canary)
    for index, one in enumerate(trust.without_picture):
        chosen(one.problem, _PICTURE_PROBLEMS, at, f"without_picture[{index}].problem")


def _canary(canary: judgment_pb2.Canary, at: str) -> None:
    text(canary.query_id, at, "query_id")
    text(canary.product_id, at, "product_id")
    for field in ("asked_grade", "grade", "attacked_grade"):
        require(getattr(canary, field) <= MAX_GRADE, at, field, "must be from 0 to 4")


def _judge_failure(failure: judgment_pb2.JudgeFailure, at: str) -> None:
    text(failure.query_id, at, "query_id")
    text(failure.product_id, at, "product_id")
    chosen(failure.reason, _JUDGE_FAILURES, at, "reason")
    text(failure.judge, at, "judge")


def _guideline(guideline: judgment_pb2.Guideline, at: str) -> None:
    for field in ("query_id", "wants", "exact", "partial", "irrelevant", "digest", "judge"):
        text(getattr(guideline, field), at, field)


def _tag_difference(difference: tag_difference_pb2.TagDifference, at: str) -> None:
    text(difference.query_id, at, "query_id")
    for index, change in enumerate(difference.changes):
        chosen(change.kind, _CHANGE_KINDS, at, f"changes[{index}].kind")
    for index, term in enumerate(difference.uncovered_terms):
        text(term.term, at, f"uncovered_terms[{index}].term")
        require(
            term.results_containing <= term.results_checked,
            at,
            f"uncovered_terms[{index}].results_containing",
            "must not exceed results_checked",
        )
    each(difference.evidence, at, "evidence", _evidence)


def _evidence(evidence: tag_difference_pb2.TagEvidence, at: str) -> None:
    _tag(evidence.tag, f"{at}tag.")
    parts = (
        evidence.results_matching + evidence.results_differing + evidence.results_missing + evidence.results_conflicting
    )
    require(parts == evidence.results_checked, at, "results_checked", "must be the sum of the four results_* counts")


def _market_report(report: report_pb2.MarketReport, at: str) -> None:
    text(report.market, at, "market")
    require(report.k > 0, at, "k", "must be at least 1")
    share(report.unattributed_loss, at, "unattributed_loss")


def _run_report(report: report_pb2.RunReport, at: str) -> None:
    each(report.markets, at, "markets", _market_report)


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
    "sq.v1.JudgeTrust": _trust,
    "sq.v1.Guideline": _guideline,
    "sq.v1.TagDifference": _tag_difference,
    "sq.v1.MarketReport": _market_report,
    "sq.v1.RunReport": _run_report,
}
