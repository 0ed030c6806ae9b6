"""The stage: reads log and catalogue, and writes the query set."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from itertools import groupby

from sq.v1.generate_config_pb2 import GenerateConfig
from sq.v1.query_pb2 import Query, QueryFailure
from sq.v1.tag_pb2 import Tag
from sq_generate.catalogue_tables import CatalogueTables
from sq_generate.classifier import Classifier
from sq_generate.engine import Engine, QueryTraffic, SegmentTraffic, Totals
from sq_generate.engines import engine_of
from sq_generate.fixed_queries import read_fixed
from sq_generate.market import Market
from sq_generate.query_log import LogCounts
from sq_generate.query_set import ChosenSegment, records, share, summary
from sq_generate.segments import DEFAULT_VALUE_TAG_TYPES, draw, query_id
from sq_generate.taggers import Taggers
from sq_generate.translate.choose import translator_for
from sq_generate.translate.protect import protected_spans
from sq_generate.translate.translator import Failed, Source, Translator
from sq_stagekit import InputError, Work

SEGMENTS = 1500
QUERIES_PER_SEGMENT = 5
KNOWN_MATCHES = 5
_ALL = 1 << 31
_JUNK_EXAMPLES = 3


def run(work: Work) -> None:
    """Writes the query set of one market.

    Raises:
        InputError: the configuration, log, catalogue, gazetteer, glossary or NER service is wrong.
        TryAgainError: a store, the translation or the NER service does not answer.
    """
    config: GenerateConfig = work.config
    # First, so that a missing key or glossary ends the stage at once and not after hours.
    translator = translator_for(config, work)
    with (
        closing(Taggers(config, work)) as taggers,
        closing(CatalogueTables()) as tables,
        closing(engine_of(config, work)) as engine,
    ):
        with work.phase("load market"):
            market = Market.load(config, tables, taggers, work)
        with work.phase("read log"):
            counts = _read_log(config, engine, work)
        with work.phase("classify"):
            _classify(config, engine, market)
        totals = engine.totals()
        _check_not_empty(config, totals, counts, engine)
        chosen = _choose(config, engine)
        with work.phase("translate and tag"):
            _fill(config, engine, chosen, totals, market, translator, work)
        segment_ids = [item.traffic.segment_id for item in chosen]
        head = summary(totals, counts, engine.junk(_JUNK_EXAMPLES), engine.bands(segment_ids), chosen)
        for record in records(head, chosen, totals.searches, market.products):
            work.write(record)


def _read_log(config: GenerateConfig, engine: Engine, work: Work) -> LogCounts:
    if config.HasField("fixed"):
        engine.count(read_fixed(config.fixed))
        return LogCounts()
    counts = engine.read_log(config.log)
    extra = {"broken": counts.broken, "events": counts.events, "outside_window": counts.outside}
    work.log.info("read the log", extra=extra)
    return counts


def _classify(config: GenerateConfig, engine: Engine, market: Market) -> None:
    classifier = Classifier(
        market.source_tagger,
        tuple(config.value_tag_types) or DEFAULT_VALUE_TAG_TYPES,
        keep_all=config.HasField("fixed"),
    )
    engine.classify(classifier)


def _check_not_empty(config: GenerateConfig, totals: Totals, counts: LogCounts, engine: Engine) -> None:
    if totals.searches:
        return
    field = "fixed" if config.HasField("fixed") else "log"
    if totals.rows:
        reasons = ", ".join(f"{item.reason} {item.rows}" for item in engine.junk(0))
        raise InputError(field, f"all {totals.rows} rows are junk: {reasons}", "check the query column")
    if counts.outside:
        raise InputError(field, f"all {counts.outside} rows are outside the time window", "widen start and end")
    broken = f"; {counts.broken} lines could not be read, such as {counts.examples[0]}" if counts.broken else ""
    places = config.fixed.uri if field == "fixed" else ", ".join(config.log.uri)
    raise InputError(f"{field}.uri", f"{places} contains no queries{broken}", "give a log with searches")


def _choose(config: GenerateConfig, engine: Engine) -> list[ChosenSegment]:
    """The segments with the most traffic, then randomly drawn ones, all still without queries."""
    if config.HasField("fixed"):
        return [ChosenSegment(traffic, tail_sample=False) for traffic in engine.top_segments(_ALL)]
    top = engine.top_segments(config.segments or SEGMENTS)
    return [
        *(ChosenSegment(traffic, tail_sample=False) for traffic in top),
        *(ChosenSegment(traffic, tail_sample=True) for traffic in _draw_from_tail(config, engine, top)),
    ]


def _draw_from_tail(config: GenerateConfig, engine: Engine, top: list[SegmentTraffic]) -> list[SegmentTraffic]:
    taken = {traffic.segment_id for traffic in top}
    rest = (name for name in engine.segment_ids() if name not in taken)
    return engine.segments(draw(rest, config.tail_segments, config.seed))


def _fill(
    config: GenerateConfig,
    engine: Engine,
    chosen: list[ChosenSegment],
    totals: Totals,
    market: Market,
    translator: Translator,
    work: Work,
) -> None:
    """Adds to each chosen segment its queries, translated and tagged."""
    per_segment = _ALL if config.HasField("fixed") else config.queries_per_segment or QUERIES_PER_SEGMENT
    found = engine.queries([item.traffic.segment_id for item in chosen], per_segment)
    by_segment = {name: list(group) for name, group in groupby(found, key=lambda query: query.segment_id)}
    wanted = [(item, query) for item in chosen for query in by_segment[item.traffic.segment_id]]
    outcomes = _translate([query.text for _, query in wanted], market, translator)
    limit = config.known_matches if config.HasField("known_matches") else KNOWN_MATCHES
    for number, ((item, query), outcome) in enumerate(zip(wanted, outcomes, strict=True)):
        work.check_stop()
        if isinstance(outcome, Failed):
            item.failures.append(_failure(config, query, outcome, totals))
        else:
            item.queries.append(_query(config, query, outcome, totals, market, translator, limit))
        work.progress(number + 1, len(wanted), unit="queries")


@dataclass(frozen=True)
class _Tagged:
    """A query before and after translation."""

    source_tags: list[Tag]
    text: str
    tags: list[Tag]


def _translate(texts: list[str], market: Market, translator: Translator) -> list[_Tagged | Failed]:
    """Translates and tags all texts in one go, because translator and tagger may be services."""
    source_tags = market.source_tagger.tag_all(texts)
    outcomes = translator.translate(
        [Source(text, protected_spans(text, tags)) for text, tags in zip(texts, source_tags, strict=True)]
    )
    tags = iter(market.tagger.tag_all([outcome.text for outcome in outcomes if not isinstance(outcome, Failed)]))
    return [
        outcome if isinstance(outcome, Failed) else _Tagged(before, outcome.text, next(tags))
        for before, outcome in zip(source_tags, outcomes, strict=True)
    ]


def _query(
    config: GenerateConfig,
    traffic: QueryTraffic,
    tagged: _Tagged,
    totals: Totals,
    market: Market,
    translator: Translator,
    limit: int,
) -> Query:
    intended = market.intended(tagged.source_tags, translator) if translator.translates else tagged.tags
    count, matches = market.known_matches(intended, limit)
    return Query(
        query_id=query_id(traffic.text, config.source_language, config.target_language),
        segment_id=traffic.segment_id,
        source_text=traffic.text,
        source_language=config.source_language,
        text=tagged.text,
        language=config.target_language,
        source_tags=tagged.source_tags,
        tags=tagged.tags,
        searches=traffic.searches,
        traffic_share=share(traffic.searches, totals.searches),
        band=traffic.band,
        known_matches=matches,
        known_match_count=count,
        translated=translator.translates,
        intended_tags=intended,
    )


def _failure(config: GenerateConfig, traffic: QueryTraffic, outcome: Failed, totals: Totals) -> QueryFailure:
    return QueryFailure(
        query_id=query_id(traffic.text, config.source_language, config.target_language),
        segment_id=traffic.segment_id,
        source_text=traffic.text,
        reason=outcome.reason,
        detail=outcome.detail,
        traffic_share=share(traffic.searches, totals.searches),
    )
