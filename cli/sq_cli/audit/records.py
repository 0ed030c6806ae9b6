"""The queries of an audit as search results, so that evaluate judges all that the run judged for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from sq.v1.handoff_pb2 import Handoff
from sq.v1.manifest_pb2 import Provenance
from sq.v1.product_pb2 import Product, ProductRef
from sq.v1.query_pb2 import QuerySetRecord
from sq.v1.retrieval_pb2 import Hit, RetrievalRecord, SearchResult
from sq_cli.compare.run_records import MarketRun, records
from sq_handoff import ArtefactReader, ArtefactWriter, fetch_manifest
from sq_handoff.location import join

# Nodes of a market's run whose records have products.
_PRODUCTS = (("retrieve", RetrievalRecord), ("probe-retrieve", RetrievalRecord), ("generate", QuerySetRecord))


def audited_retrieval(path: Path, folder: str, run: MarketRun, query_ids: Sequence[str]) -> Handoff:
    """Writes a retrieval with everything that the run judged for some queries: its results first, then the rest.

    Args:
        folder: of the market in the run.
    """
    wanted = {product for query_id in query_ids for product in run.grades[query_id]}
    products = {product.product_id: product for product in _products(folder) if product.product_id in wanted}
    writer = ArtefactWriter(str(path), RetrievalRecord)
    for product in products.values():
        writer.write(RetrievalRecord(product=product))
    for query_id in query_ids:
        writer.write(RetrievalRecord(result=_result(run, query_id, products)))
    return Handoff(uri=str(path), digest=writer.publish(Provenance(stage="audit")).digest)


def handoff_of(uri: str) -> Handoff:
    """The handoff of an artefact that a run wrote."""
    return Handoff(uri=uri, digest=fetch_manifest(uri).digest)


def query_set_of(folder: str) -> Handoff:
    return handoff_of(join(folder, "generate"))


def _products(folder: str) -> Iterator[Product]:
    seen: set[str] = set()
    for node, message in _PRODUCTS:
        for record in records(folder, node, message):
            if record.HasField("product") and record.product.product_id not in seen:
                seen.add(record.product.product_id)
                yield record.product


def _result(run: MarketRun, query_id: str, products: Mapping[str, Product]) -> SearchResult:
    judged = run.grades[query_id]
    ranked = [product for product in run.rankings.get(query_id, []) if product in judged]
    ordered = list(dict.fromkeys([*ranked, *sorted(judged)]))
    hits = [
        Hit(rank=rank, product=ProductRef(product_id=name, content_hash=products[name].content_hash))
        for rank, name in enumerate((name for name in ordered if name in products), 1)
    ]
    segment = run.queries[query_id].segment_id
    return SearchResult(query_id=query_id, segment_id=segment, hits=hits, total_hits=len(hits))


def read_grades(handoff: Handoff, message: type) -> dict[str, dict[str, int]]:
    """Grades by query id and product id."""
    grades: dict[str, dict[str, int]] = {}
    for record in ArtefactReader.open(handoff.uri, message):
        if record.HasField("judgment"):
            grades.setdefault(record.judgment.query_id, {})[record.judgment.product_id] = record.judgment.grade
    return grades
