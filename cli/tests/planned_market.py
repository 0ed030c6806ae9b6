"""What the stages before a judge found: artefacts for the tests of `sq plan`."""

from __future__ import annotations

from pathlib import Path

from sq.v1.manifest_pb2 import Provenance
from sq.v1.product_pb2 import Product, ProductRef
from sq.v1.query_pb2 import Query, QuerySetRecord, Segment
from sq.v1.retrieval_pb2 import Hit, RetrievalRecord, SearchResult
from sq_cli.money.pairs import Found
from sq_handoff import ArtefactWriter

NAMES = [("q1", "red hat"), ("q2", "blue hat")]


def found_in(folder: Path, picture: str = "") -> Found:
    """Two queries with three results each, of which one query's probe finds a fourth.

    Args:
        picture: address of a product's picture, with {} for the product's number.
    """

    def write(name, message, records):
        writer = ArtefactWriter(str(folder / name), message)
        for record in records:
            writer.write(record)
        writer.publish(Provenance(stage=name))
        return [str(folder / name)]

    def results(query_id, numbers):
        refs = [ProductRef(product_id=f"p{n}", content_hash=f"{n}" * 64) for n in numbers]
        hits = [Hit(rank=rank, product=ref) for rank, ref in enumerate(refs, 1)]
        return RetrievalRecord(result=SearchResult(query_id=query_id, segment_id="s", hits=hits, total_hits=len(hits)))

    def product(n):
        made = Product(product_id=f"p{n}", content_hash=f"{n}" * 64, title=f"Hat {n}", image_uri=picture.format(n))
        return RetrievalRecord(product=made)

    def queries(*made):
        return [QuerySetRecord(segment=Segment(segment_id="s", queries=made))]

    probe = Query(query_id="q3", segment_id="s", text="red hats", source_text="red hats", language="en", band=1)
    probe.probe.probe_of = "q1"
    return Found(
        write(
            "queries",
            QuerySetRecord,
            queries(
                *(Query(query_id=i, segment_id="s", text=t, source_text=t, language="en", band=1) for i, t in NAMES)
            ),
        ),
        write("probes", QuerySetRecord, queries(probe)),
        write(
            "retrieval", RetrievalRecord, [*map(product, (1, 2, 3)), results("q1", (1, 2, 3)), results("q2", (1, 2, 3))]
        ),
        write("probe_retrieval", RetrievalRecord, [product(1), product(4), results("q3", (1, 4))]),
    )
