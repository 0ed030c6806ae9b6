"""The pairs that a market's judge will be asked about, from what its stages found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from sq.v1.evaluate_config_pb2 import EvaluateConfig
from sq.v1.query_pb2 import Query, QuerySetRecord
from sq.v1.retrieval_pb2 import RetrievalRecord
from sq_evaluate.judges.asked import Asked
from sq_evaluate.pairs import Pair, all_pairs
from sq_evaluate.products import FirstOf, FromCatalogue, FromRecords, ProductSource
from sq_evaluate.run import depths_of, read_queries
from sq_handoff import ArtefactReader
from sq_source import read_catalogue


@dataclass(frozen=True)
class Found:
    """Artefacts of a market, by what they are of: the query set, the probes, and what the search returned."""

    queries: Sequence[str]
    probes: Sequence[str]
    retrieval: Sequence[str]
    probe_retrieval: Sequence[str]


def pairs_to_judge(config: EvaluateConfig, found: Found) -> Iterator[Asked]:
    """The pairs, first of queries and then of probes, as evaluate chooses them. Products without a record are left out.

    Raises:
        ArtefactError: an artefact is missing.
        InputError: the catalogue cannot be read.
    """
    queries, pool = read_queries(_records(found.queries, QuerySetRecord))
    depths = depths_of(config)
    first = list(all_pairs(queries, _records(found.retrieval, RetrievalRecord), depths))
    queries |= read_queries(_records(found.probes, QuerySetRecord))[0]
    prior = {query.query_id: {pair.product.product_id for pair in pairs} for query, pairs in first}
    then = list(all_pairs(queries, _records(found.probe_retrieval, RetrievalRecord), depths, prior=prior))
    products = _products(config, found, chain(first, then), pool)
    for query, pairs in chain(first, then):
        known = (products.find(pair.product) for pair in pairs)
        yield Asked(query, tuple(product for product in known if product is not None))


def _products(
    config: EvaluateConfig, found: Found, asked: Iterable[tuple[Query, list[Pair]]], pool: FromRecords
) -> ProductSource:
    if config.HasField("catalogue"):
        wanted = frozenset(pair.product.product_id for _, pairs in asked for pair in pairs)
        return FirstOf(FromCatalogue(read_catalogue(config.catalogue, "evaluate.catalogue"), wanted), pool)
    records = FromRecords()
    for record in _records([*found.retrieval, *found.probe_retrieval], RetrievalRecord):
        if record.HasField("product"):
            records.add(record.product)
    return FirstOf(records, pool)


def _records(uris: Sequence[str], message: type) -> Iterator:
    for uri in uris:
        yield from ArtefactReader.open(uri, message)
