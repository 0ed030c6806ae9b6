"""The stage: reads log and catalogue, and writes the query set."""

from __future__ import annotations

from contextlib import closing

from sq.v1.generate_config_pb2 import GenerateConfig
from sq.v1.query_pb2 import QueryFailure
from sq_generate.catalogue_tables import CatalogueTables
from sq_generate.classifier import Classifier
from sq_generate.engine import Engine, SegmentTraffic, Totals
from sq_generate.engines import engine_of
from sq_generate.fixed_queries import read_fixed
from sq_generate.market import Market
from sq_generate.queries import QueryMaker
from sq_generate.query_log import LogCounts
from sq_generate.query_set import ChosenSegment, records, summary
from sq_generate.segments import DEFAULT_VALUE_TAG_TYPES, draw
from sq_generate.taggers import Taggers
from sq_generate.translate.choose import translator_for
from sq_stagekit import InputError, Work

SEGMENTS = 1500
QUERIES_PER_SEGMENT = 5
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
            _fill(config, engine, chosen, QueryMaker(config, market, translator, totals.searches), work)
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


def _fill(config: GenerateConfig, engine: Engine, chosen: list[ChosenSegment], maker: QueryMaker, work: Work) -> None:
    """Adds to each chosen segment its queries and failures."""
    per_segment = _ALL if config.HasField("fixed") else config.queries_per_segment or QUERIES_PER_SEGMENT
    by_segment = {item.traffic.segment_id: item for item in chosen}
    wanted = engine.queries(list(by_segment), per_segment)
    for number, made in enumerate(maker.make(wanted), start=1):
        work.check_stop()
        item = by_segment[made.segment_id]
        if isinstance(made, QueryFailure):
            item.failures.append(made)
        else:
            item.queries.append(made)
        work.progress(number, len(wanted), unit="queries")
