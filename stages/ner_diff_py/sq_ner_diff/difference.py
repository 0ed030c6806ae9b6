"""The difference between the intent of a query, its text and its results."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from sq.v1.query_pb2 import Query
from sq.v1.tag_difference_pb2 import TagDifference, TagEvidence, UncoveredTerm
from sq.v1.tag_pb2 import Tag
from sq_evidence import Evidence, ProductText, Vocabulary, intended_tags, uncovered, weigh
from sq_ner_diff.changes import tag_changes
from sq_text import lemma, normalise


def difference(
    query: Query,
    found: Sequence[Tag],
    results: Sequence[ProductText],
    vocabulary: Vocabulary,
    stop_words: Iterable[str] = (),
) -> TagDifference:
    """One query's record.

    Args:
        found: tags of the query's text.
        results: top results, best first; empty if retrieval failed or found nothing.
        stop_words: in normal form; added to those of the query's language.
    """
    intended = intended_tags(query)
    return TagDifference(
        query_id=query.query_id,
        segment_id=query.segment_id,
        changes=tag_changes(intended, found),
        uncovered_terms=uncovered_terms(query, found, results, stop_words),
        evidence=[tag_evidence(tag, query.known_match_count, results, vocabulary) for tag in intended],
    )


def uncovered_terms(
    query: Query, found: Sequence[Tag], results: Sequence[ProductText], stop_words: Iterable[str]
) -> list[UncoveredTerm]:
    """Words of the query's text that no tag covers, each with the number of results that contain it in any form."""
    terms = []
    for token in uncovered(query.text, found, query.language, stop_words):
        word = lemma(token.text, query.language)
        terms.append(
            UncoveredTerm(
                term=normalise(token.text),
                start=token.start,
                end=token.end,
                results_containing=sum(result.contains(word) for result in results),
                results_checked=len(results),
            )
        )
    return terms


def tag_evidence(
    tag: Tag, known_match_count: int, results: Sequence[ProductText], vocabulary: Vocabulary
) -> TagEvidence:
    """How many results state a tag, state something else, state nothing, or contradict themselves."""
    wanted = tuple(tag.value.split())
    counts = Counter(weigh(tag.type, wanted, result, vocabulary) for result in results)
    return TagEvidence(
        tag=tag,
        results_matching=counts[Evidence.MATCHING],
        results_differing=counts[Evidence.DIFFERING],
        results_missing=counts[Evidence.MISSING],
        results_conflicting=counts[Evidence.CONFLICTING],
        results_checked=len(results),
        known_match_count=known_match_count,
    )
