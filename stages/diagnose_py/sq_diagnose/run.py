"""The stage: queries and answers in, probes out."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, groupby

from sq.v1.diagnose_config_pb2 import DiagnoseConfig
from sq.v1.product_pb2 import Product
from sq.v1.query_pb2 import PROBE_FORM_RESCUE, Query, QueryLogSummary, QuerySetRecord, Segment
from sq_diagnose.ask_names import ask_names
from sq_diagnose.budget import Candidate, spend
from sq_diagnose.click_names import FIELD as CLICKS
from sq_diagnose.click_names import names_by_clicks
from sq_diagnose.known_items import known_items
from sq_diagnose.names import merged
from sq_diagnose.probes import probe, repeat
from sq_diagnose.read import read_asked
from sq_measures.traffic import traffic
from sq_mechanisms import Asked, CatalogueWords, Market, Mechanism, chosen
from sq_mechanisms.lists import read_lists
from sq_source import distinct, read_catalogue
from sq_source.run_window import check_filled
from sq_stagekit import InputError, Work

SEARCHES_PER_QUERY = 2.0
REPEAT_SHARE = 0.05
KNOWN_ITEMS = 30
RESCUE_BELOW = 3
# The mechanism that tries what a model names.
VOCABULARY = "vocabulary"


def run(work: Work) -> None:
    """Writes the probes of one market as a query set.

    Raises:
        InputError: what is wrong with configuration, catalogue or lists, or what the model refuses.
        TryAgainError: the model does not answer.
    """
    config: DiagnoseConfig = work.config
    check_filled(config.clicks, CLICKS)
    mechanisms = chosen(config.mechanisms, "mechanisms")
    if not config.HasField("catalogue"):
        raise InputError("catalogue", "is missing", "name the market's catalogue")
    with work.phase("read"):
        asked = read_asked(work.inputs["queries"][0], chain.from_iterable(work.inputs["retrieval"]))
        language = asked[0].query.language if asked else "en"
        market = Market(
            language=language,
            catalogue=CatalogueWords.of(products_of(config), language),
            lists=read_lists(config.words, language),
        )
    work.check_stop()
    if config.HasField("vocabulary") and any(mechanism.name == VOCABULARY for mechanism in mechanisms):
        with work.phase("names"):
            market = with_names(market, ask_names(config.vocabulary, asked, market, work))
    if config.HasField("clicks") and any(mechanism.name == VOCABULARY for mechanism in mechanisms):
        with work.phase("clicks"):
            market = with_names(market, names_by_clicks(config.clicks, asked, market, work))
    with work.phase("change"):
        candidates = list(find_changes(asked, market, mechanisms, config.rescue_below or RESCUE_BELOW))
    probes = [*repeats(asked, share_of(config), config.seed), *items_of(work, asked, market)]
    budget = math.floor(per_query_of(config) * len(asked))
    # Of a small query set, known items would leave nothing: mechanisms have at least half.
    sent, left = spend(candidates, max(budget - len(probes), budget // 2))
    probes += [query for candidate in sent for query in candidate.probes]
    for record in records(probes):
        work.write(record)
    kinds = Counter(query.probe.mechanism for query in probes)
    extra = {"queries": len(asked), "probes": len(probes), "over_budget": sum(len(one.probes) for one in left)}
    work.log.info("probes made", extra={**extra, "mechanisms": dict(sorted(kinds.items()))})


def with_names(market: Market, found: Mapping[str, Sequence[str]]) -> Market:
    """The market with more names for phrases, tried after those that it has."""
    return replace(market, lists=replace(market.lists, synonyms=merged(market.lists.synonyms, found)))


def share_of(config: DiagnoseConfig) -> float:
    """Share of the queries that are asked again."""
    return config.repeat_share if config.HasField("repeat_share") else REPEAT_SHARE


def per_query_of(config: DiagnoseConfig) -> float:
    """Searches for probes, as a multiple of the queries."""
    return config.searches_per_query if config.HasField("searches_per_query") else SEARCHES_PER_QUERY


def items_of(work: Work, asked: Sequence[Asked], market: Market) -> list[Query]:
    """Searches for known products; none where nothing is probed."""
    config: DiagnoseConfig = work.config
    count = config.known_items if config.HasField("known_items") else KNOWN_ITEMS
    if not count or not per_query_of(config):
        return []
    with work.phase("known items"):
        return known_items(products_of(config), asked, market, count, config.seed)


def products_of(config: DiagnoseConfig) -> Iterator[Product]:
    """The products of the catalogue, each once."""
    return distinct(read_catalogue(config.catalogue, "catalogue"))


def find_changes(
    asked: Iterable[Asked], market: Market, mechanisms: Sequence[Mechanism], rescue_below: int
) -> Iterator[Candidate]:
    """The changes of every mechanism to every query it can concern. A change that changes nothing is none.

    Args:
        rescue_below: hits from which on a rescue would change nothing, so that it is not tried.
    """
    for one in asked:
        for mechanism in mechanisms:
            if mechanism.form == PROBE_FORM_RESCUE and one.total_hits >= rescue_below:
                continue
            made = (probe(one.query, mechanism.name, mechanism.form, c) for c in mechanism.changes(one, market))
            probes = tuple(query for query in made if query.text != one.text or query.probe.HasField("request"))
            if probes:
                yield Candidate(mechanism.name, probes, traffic(one.query))


def repeats(asked: Iterable[Asked], share: float, seed: int) -> list[Query]:
    """A share of the queries, drawn by the seed, to be asked again unchanged."""
    return [repeat(one.query) for one in asked if _lot(one.query.query_id, seed) < share]


def _lot(query_id: str, seed: int) -> float:
    """A number of 0..1 that is the same in every run."""
    return int.from_bytes(hashlib.sha256(f"{seed}\0repeat\0{query_id}".encode()).digest()[:8], "big") / 2**64


def records(probes: Sequence[Query]) -> Iterator[QuerySetRecord]:
    """The summary, then the probes by segment."""
    yield QuerySetRecord(summary=QueryLogSummary(queries=len(probes), probes=True))
    ordered = sorted(probes, key=lambda query: (query.segment_id, query.probe.probe_of, query.query_id))
    for segment_id, queries in groupby(ordered, key=lambda query: query.segment_id):
        yield QuerySetRecord(segment=Segment(segment_id=segment_id, queries=list(queries)))
