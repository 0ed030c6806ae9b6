"""What could have made a query fail: the signs the stages left, and which of them count as its cause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sq.v1.judgment_pb2 import ReasonCode
from sq.v1.report_pb2 import FailureKind
from sq.v1.retrieval_pb2 import RetrievalFailureReason
from sq.v1.tag_difference_pb2 import TagChangeKind
from sq_report.market import QueryData

ENTITY_TYPES = frozenset({"BRAND", "CATEGORY"})
# Seen on the query itself, whatever else it names.
_DIRECT = frozenset({FailureKind.FAILURE_KIND_RETRIEVAL_FAILED, FailureKind.FAILURE_KIND_TRANSLATION_LOST_TAG})
# Inferred from results, where one missed thing hides another.
_INFERRED = frozenset({FailureKind.FAILURE_KIND_ENTITY_NOT_FOUND, FailureKind.FAILURE_KIND_TERM_NOT_RECOGNISED})
_ATTRIBUTE_REASONS = frozenset(
    {
        ReasonCode.REASON_CODE_TAG_MISMATCH,
        ReasonCode.REASON_CODE_TAG_MISSING,
        ReasonCode.REASON_CODE_ATTRIBUTE_CONFLICT,
    }
)


@dataclass(frozen=True, order=True)
class Cause:
    """What a failure class is about. The order of kinds is the order in which they are taken for the root."""

    kind: FailureKind
    tag_type: str
    value: str

    @property
    def class_id(self) -> str:
        kind = FailureKind.Name(self.kind).removeprefix("FAILURE_KIND_")
        return f"{kind}/{self.tag_type}={self.value}" if self.tag_type else f"{kind}/{self.value}"


@dataclass(frozen=True)
class Sign:
    """A query names a thing, and the thing either went wrong or did not.

    Attributes:
        shown: it went wrong, so that the query may have failed for it.
    """

    cause: Cause
    shown: bool


def signs(data: QueryData, k: int) -> list[Sign]:
    """Everything a query names that a failure class may be about. Reasons of judgments count down to rank k."""
    if data.failure is not None:
        reason = RetrievalFailureReason.Name(data.failure.reason).removeprefix("RETRIEVAL_FAILURE_REASON_")
        return [Sign(Cause(FailureKind.FAILURE_KIND_RETRIEVAL_FAILED, "", reason), shown=True)]
    return [*_translation(data), *_entities(data), *_terms(data), *_attributes(data, k)]


def _translation(data: QueryData) -> Iterator[Sign]:
    lost = {
        (change.before.type, change.before.value)
        for change in data.difference.changes
        if change.kind in (TagChangeKind.TAG_CHANGE_KIND_LOST, TagChangeKind.TAG_CHANGE_KIND_CHANGED)
    }
    if not data.query.translated and not lost:
        return
    named = {(tag.type, tag.value) for tag in data.query.intended_tags}
    for tag_type, value in sorted(named | lost):
        cause = Cause(FailureKind.FAILURE_KIND_TRANSLATION_LOST_TAG, tag_type, value)
        yield Sign(cause, (tag_type, value) in lost)


def _entities(data: QueryData) -> Iterator[Sign]:
    for evidence in data.difference.evidence:
        if evidence.tag.type in ENTITY_TYPES and evidence.known_match_count > 0:
            cause = Cause(FailureKind.FAILURE_KIND_ENTITY_NOT_FOUND, evidence.tag.type, evidence.tag.value)
            yield Sign(cause, evidence.results_matching == 0)


def _terms(data: QueryData) -> Iterator[Sign]:
    for term in data.difference.uncovered_terms:
        cause = Cause(FailureKind.FAILURE_KIND_TERM_NOT_RECOGNISED, "", term.term)
        yield Sign(cause, term.results_containing == 0)


def _attributes(data: QueryData, k: int) -> Iterator[Sign]:
    judged = {
        reason.tag_type
        for judgment in data.judged_hits(k)
        for reason in judgment.reasons
        if reason.code in _ATTRIBUTE_REASONS
    }
    for evidence in data.difference.evidence:
        if evidence.tag.type not in ENTITY_TYPES:
            cause = Cause(FailureKind.FAILURE_KIND_ATTRIBUTE_WRONG_OR_MISSING, evidence.tag.type, evidence.tag.value)
            wrong = evidence.results_missing + evidence.results_conflicting > 0
            yield Sign(cause, wrong and evidence.tag.type in judged)


def candidates(all_signs: Sequence[Sequence[Sign]]) -> list[frozenset[Cause]]:
    """For each query the causes it may have failed for: those of the first kind, in root-cause order, it shows.

    What a query loses plays no part here, so that the candidates can be tested against loss.
    """
    blameless = _blameless(all_signs)
    return [
        _first_kind(sign.cause for sign in query if sign.shown and sign.cause not in blameless) for query in all_signs
    ]


def _blameless(all_signs: Sequence[Sequence[Sign]]) -> set[Cause]:
    """Entities and terms that some queries miss for another reason.

    Where every word has to match, one unknown word leaves nothing, and everything else the query names is missed with
    it. So an entity or term is judged by the queries that have no better explanation: none that shows itself (a lost
    tag), and no other entity or term that is missed more regularly. It is blamed where most of these miss it.
    """
    unexplained = [query for query in all_signs if not any(s.shown and s.cause.kind in _DIRECT for s in query)]
    named = Counter(sign.cause for query in unexplained for sign in query if sign.cause.kind in _INFERRED)
    shown = Counter(sign.cause for query in unexplained for sign in query if sign.shown)
    # The 1 tells one miss of one from twenty of twenty.
    regularity = {cause: shown[cause] / (count + 1) for cause, count in named.items()}
    alone, alone_shown = Counter(), Counter()
    for query in unexplained:
        best = max((regularity.get(sign.cause, 0.0) for sign in query if sign.shown), default=0.0)
        for sign in query:
            if regularity.get(sign.cause, -1.0) >= best:
                alone[sign.cause] += 1
                alone_shown[sign.cause] += sign.shown
    return {cause for cause in regularity if alone_shown[cause] <= alone[cause] / 2}


def _first_kind(causes: Iterable[Cause]) -> frozenset[Cause]:
    found = frozenset(causes)
    first = min((cause.kind for cause in found), default=None)
    return frozenset(cause for cause in found if cause.kind == first)
