"""The stage: reads a query set and its results, and writes one record for each query."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from sq.v1.product_pb2 import Product, ProductRef
from sq.v1.query_pb2 import Query, QuerySetRecord
from sq.v1.retrieval_pb2 import RetrievalRecord
from sq_evidence import ProductText, Vocabulary
from sq_ner_diff.difference import difference
from sq_ner_diff.text_tags import text_tags
from sq_stagekit import InputError, Work
from sq_text import normalise

_DEPTH = 10


@dataclass
class Results:
    """The retrieved products, and the top results of each query."""

    language: str
    products: dict[str, ProductText] = field(default_factory=dict)
    top: dict[str, list[ProductRef]] = field(default_factory=dict)

    def add(self, product: Product) -> None:
        if product.content_hash not in self.products:
            self.products[product.content_hash] = ProductText.of(product, self.language)

    def of(self, query_id: str) -> list[ProductText]:
        """The top results of a query, best first."""
        return [
            self.products[ref.content_hash] for ref in self.top.get(query_id, ()) if ref.content_hash in self.products
        ]


def run(work: Work) -> None:
    """Writes one record for each query of the query set, also for those whose retrieval failed.

    Raises:
        InputError: the results do not belong to the query set, or the NER service is not usable.
        TryAgainError: a store or the NER service does not answer.
    """
    queries = list(read_queries(work.inputs["queries"][0]))
    with work.phase("tag"):
        tags = text_tags(queries, work)
    language = queries[0].language if queries else ""
    known = {query.query_id: query for query in queries}
    with work.phase("read"):
        results = read_results(_retrieval(work), known, language, work.config.depth or _DEPTH)
        vocabulary = learn_vocabulary(work.inputs["queries"][0], results, language)
    stop_words = [normalise(word) for word in work.config.stop_words]
    for done, (query, found) in enumerate(zip(queries, tags, strict=True), start=1):
        work.check_stop()
        work.write(difference(query, found, results.of(query.query_id), vocabulary, stop_words))
        work.progress(done, len(queries), unit="queries")


def read_queries(records: Iterable[QuerySetRecord]) -> Iterator[Query]:
    for record in records:
        yield from record.segment.queries


def read_results(
    records: Iterable[RetrievalRecord], queries: Mapping[str, Query], language: str, depth: int
) -> Results:
    """Collects the products and the first `depth` results of each query.

    Raises:
        InputError: the results belong to another query set, or contain a query twice.
    """
    results = Results(language)
    for record in records:
        kind = record.WhichOneof("record")
        if kind == "product":
            results.add(record.product)
            continue
        if kind not in ("result", "failure"):
            raise NotImplementedError(f"RetrievalRecord.{kind} is not read: add it to read_results")
        query_id = getattr(record, kind).query_id
        if query_id not in queries:
            raise InputError(
                "retrieval",
                f"query {query_id} is not in the query set",
                "give the query set that it was made from",
            )
        if query_id in results.top:
            raise InputError("retrieval", f"contains query {query_id} twice", "give each shard once")
        results.top[query_id] = [hit.product for hit in record.result.hits[:depth]]
    return results


def learn_vocabulary(records: Iterable[QuerySetRecord], results: Results, language: str) -> Vocabulary:
    """The values of each tag type in the products of the results and of the query set."""
    vocabulary = Vocabulary.of((record.product for record in records if record.HasField("product")), language)
    for product in results.products.values():
        vocabulary.add(product)
    return vocabulary


def _retrieval(work: Work) -> Iterator[RetrievalRecord]:
    for reader in work.inputs["retrieval"]:
        yield from reader
