"""The stage: reads log and catalogue, and writes the query set."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import closing

from sq.v1.generate_config_pb2 import GenerateConfig
from sq.v1.query_pb2 import (
    QUERY_FAILURE_REASON_BUDGET,
    QUERY_FAILURE_REASON_TRANSLATION_UNAVAILABLE,
    QueryFailure,
)
from sq_generate.batch_classifier import batch_classifier
from sq_generate.catalogue_tables import CatalogueTables
from sq_generate.classifier import Classifier
from sq_generate.engine import Engine, SegmentTraffic, Totals
from sq_generate.engines import engine_of
from sq_generate.fixed_queries import read_fixed
from sq_generate.forecast import read_forecast, weigh
from sq_generate.log_window import window_of
from sq_generate.market import Market
from sq_generate.queries import QueryMaker
from sq_generate.query_log import FIELD, LogCounts
from sq_generate.query_set import ChosenSegment, records, summary
from sq_generate.sample import QUERY_BUDGET, TakenQuery, segments_of, take_all, take_sample
from sq_generate.segments import DEFAULT_VALUE_TAG_TYPES
from sq_generate.taggers import Taggers
from sq_generate.translate.choose import translator_for
from sq_generate.unreadable import Unreadable
from sq_source.run_window import check_filled
from sq_stagekit import InputError, Work
from sq_stagekit.spending import nothing_bought

_JUNK_EXAMPLES = 3
# Reasons for failures that a later run may not have.
_PASSING = {
    QUERY_FAILURE_REASON_TRANSLATION_UNAVAILABLE: "TRANSLATION_UNAVAILABLE",
    QUERY_FAILURE_REASON_BUDGET: "BUDGET",
}


def run(work: Work) -> None:
    """Writes the query set of one market.

    Raises:
        InputError: the configuration, log, catalogue, gazetteer, glossary or NER service is wrong, or the budget of the
            translation ended before the first query.
        TryAgainError: a store, the translation or the NER service does not answer.
    """
    config: GenerateConfig = work.config
    forecast = read_forecast(config)
    window = window_of(config.log, forecast)
    check_filled(config.log, FIELD)
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
        if not config.HasField("fixed"):
            Unreadable(config, work.log).tell_junk(totals, engine.junk(0))
        with work.phase("take queries"):
            taken = _choose(config, engine)
            segments = engine.segments(segments_of(taken))
            if forecast:
                taken = weigh(taken, segments, totals.searches, forecast)
        with work.phase("translate and tag"):
            chosen = _fill(taken, segments, QueryMaker(config, market, translator, totals.searches), work)
        head = summary(totals, counts, engine.junk(_JUNK_EXAMPLES), engine.bands(), chosen)
        head.MergeFrom(window)
        for record in records(head, chosen, totals.searches, market.products):
            work.write(record)


def _read_log(config: GenerateConfig, engine: Engine, work: Work) -> LogCounts:
    if config.HasField("fixed"):
        engine.count(read_fixed(config.fixed))
        return LogCounts()
    counts = engine.read_log(config.log)
    extra = {"lines": counts.lines, "broken": counts.broken, "events": counts.events, "outside_window": counts.outside}
    work.log.info("read the log", extra=extra)
    if counts.lines > counts.broken:
        Unreadable(config, work.log).check(counts)
    return counts


def _classify(config: GenerateConfig, engine: Engine, market: Market) -> None:
    classifier = Classifier(
        market.source_tagger,
        tuple(config.value_tag_types) or DEFAULT_VALUE_TAG_TYPES,
        keep_all=config.HasField("fixed"),
        words=market.words.catalogue.written_words(),
    )
    engine.classify(batch_classifier(classifier))


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


def _choose(config: GenerateConfig, engine: Engine) -> list[TakenQuery]:
    if config.HasField("fixed"):
        return take_all(engine)
    return take_sample(engine, config.query_budget or QUERY_BUDGET, config.seed)


def _fill(
    taken: Sequence[TakenQuery], segments: Iterable[SegmentTraffic], maker: QueryMaker, work: Work
) -> list[ChosenSegment]:
    """The segments with their queries and failures."""
    shared = {query.traffic.segment_id for query in taken if query.shared_stratum}
    chosen = {item.segment_id: ChosenSegment(item, item.segment_id in shared) for item in segments}
    for number, (query, made) in enumerate(zip(taken, maker.make(taken), strict=True), start=1):
        work.check_stop()
        item = chosen[made.segment_id]
        if isinstance(made, QueryFailure):
            item.failures.append(made)
            if made.reason in _PASSING:
                work.unfinished[_PASSING[made.reason]] += 1
            item.lost += query.weight
        else:
            item.queries.append(made)
        work.progress(number, len(taken), unit="queries")
    if not any(item.queries for item in chosen.values()):
        _refuse_budget(work)
    return list(chosen.values())


def _refuse_budget(work: Work) -> None:
    """Raises InputError if no query is translated because the budget is too small: there is nothing to search for."""
    if work.spending and (queries := work.unfinished["BUDGET"]):
        asked = f"none of {queries} queries is translated"
        raise nothing_bought("translation.openai.budget", asked, work.spending.usage(), work.spending.enough())
