"""Makes the queries of the set: translates, tags, and finds what was meant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sq.v1.generate_config_pb2 import GenerateConfig
from sq.v1.query_pb2 import Query, QueryFailure
from sq.v1.tag_pb2 import Tag
from sq_evidence import uncovered
from sq_generate.engine import QueryTraffic
from sq_generate.market import Market
from sq_generate.query_set import share
from sq_generate.sample import TakenQuery
from sq_generate.segments import query_id
from sq_generate.translate.protect import protected_spans
from sq_generate.translate.translator import Failed, Source, Translator
from sq_mechanisms.meant import meant_text
from sq_text import lemma

KNOWN_MATCHES = 5


@dataclass
class _Read:
    """A query before and after translation, and as it was meant.

    Attributes:
        meant: in the catalogue's words; "" where text has them.
        meant_tags: of meant, or of text where it is "".
    """

    source_tags: list[Tag]
    text: str
    tags: list[Tag]
    meant: str = ""
    meant_tags: list[Tag] = field(default_factory=list)


@dataclass(frozen=True)
class QueryMaker:
    """Attributes:
    searches: of the whole market, for shares.
    """

    config: GenerateConfig
    market: Market
    translator: Translator
    searches: int

    def make(self, wanted: Sequence[TakenQuery]) -> Iterator[Query | QueryFailure]:
        """One for each, in order. All texts go to translator and tagger at once, because these may be services."""
        reads = self._translate([taken.traffic.text for taken in wanted])
        self._find_meant([read for read in reads if not isinstance(read, Failed)])
        for taken, read in zip(wanted, reads, strict=True):
            yield self._failure(taken.traffic, read) if isinstance(read, Failed) else self._query(taken, read)

    def _translate(self, texts: list[str]) -> list[_Read | Failed]:
        source_tags = self.market.source_tagger.tag_all(texts)
        outcomes = self.translator.translate(
            [Source(text, protected_spans(text, tags)) for text, tags in zip(texts, source_tags, strict=True)]
        )
        translated = [outcome.text for outcome in outcomes if not isinstance(outcome, Failed)]
        tags = iter(self.market.tagger.tag_all(translated))
        return [
            outcome if isinstance(outcome, Failed) else _Read(before, outcome.text, next(tags))
            for before, outcome in zip(source_tags, outcomes, strict=True)
        ]

    def _find_meant(self, reads: Sequence[_Read]) -> None:
        for read in reads:
            query = Query(text=read.text, language=self.config.target_language, tags=read.tags)
            read.meant, read.meant_tags = meant_text(query, self.market.words), read.tags
        if self.translator.translates:
            return
        changed = [read for read in reads if read.meant]
        for read, tags in zip(changed, self.market.tagger.tag_all([read.meant for read in changed]), strict=True):
            read.meant_tags = tags

    def _query(self, taken: TakenQuery, read: _Read) -> Query:
        traffic = taken.traffic
        translates = self.translator.translates
        intended = self.market.intended(read.source_tags, self.translator) if translates else read.meant_tags
        limit = self.config.known_matches if self.config.HasField("known_matches") else KNOWN_MATCHES
        count, matches = self.market.known_matches(intended, self._others(read), limit)
        return Query(
            query_id=self._query_id(traffic),
            segment_id=traffic.segment_id,
            source_text=traffic.text,
            source_language=self.config.source_language,
            text=read.text,
            language=self.config.target_language,
            source_tags=read.source_tags,
            tags=read.tags,
            searches=traffic.searches,
            traffic_share=share(traffic.searches, self.searches),
            band=traffic.band,
            known_matches=matches,
            known_match_count=count,
            translated=translates,
            intended_tags=intended,
            represents=share(taken.weight, self.searches),
            certain=taken.certain,
            meant_text=read.meant,
            draws=taken.draws,
            shared_stratum=taken.shared_stratum,
        )

    def _others(self, read: _Read) -> list[str]:
        """Lemmas of the words that no tag covers, function words left out."""
        language = self.config.target_language
        text, tags = (read.meant, read.meant_tags) if read.meant else (read.text, read.tags)
        return [lemma(token.text, language) for token in uncovered(text, tags, language)]

    def _failure(self, traffic: QueryTraffic, outcome: Failed) -> QueryFailure:
        return QueryFailure(
            query_id=self._query_id(traffic),
            segment_id=traffic.segment_id,
            source_text=traffic.text,
            reason=outcome.reason,
            detail=outcome.detail,
            traffic_share=share(traffic.searches, self.searches),
        )

    def _query_id(self, traffic: QueryTraffic) -> str:
        return query_id(traffic.text, self.config.source_language, self.config.target_language)
