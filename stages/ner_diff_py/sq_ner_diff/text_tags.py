"""The tags of the texts that were sent to the search."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import closing

from sq.v1.query_pb2 import Query
from sq.v1.tag_pb2 import Tag, TagEngine
from sq_ner.client import NerConnection
from sq_stagekit import Work


def text_tags(queries: Sequence[Query], work: Work) -> list[Sequence[Tag]]:
    """The tags of each query's text: those that generate found, or those of the configured NER service.

    The service must have the gazetteer that tagged the query set. A service with an engine of its own ignores this.
    Tags that it misses or finds differently become lost and changed tags.

    Raises:
        InputError, TryAgainError: see NerConnection.
    """
    if not work.config.ner_address or not queries:
        return [query.tags for query in queries]
    language = queries[0].language
    digest = gazetteer_digest(work.inputs["queries"][0].manifest.provenance.tag_engines, language)
    with closing(NerConnection(work.config.ner_address, work.config.ner_options, work.check_stop)) as service:
        tagger = service.tagger(language, digest)
        work.note_engine(tagger.engine)
        return list(tagger.tag_all([query.text for query in queries]))


def gazetteer_digest(engines: Iterable[TagEngine], language: str) -> str:
    """The digest of a language's gazetteer, "" if there is none. Of several the last counts: it is the market's own."""
    digests = [engine.gazetteer_digest for engine in engines if engine.language == language]
    return digests[-1] if digests else ""
