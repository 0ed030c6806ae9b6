"""A small finished run for the tests."""

from sq.v1.judgment_pb2 import JudgingRecord, Judgment
from sq.v1.manifest_pb2 import Provenance
from sq.v1.product_pb2 import Product, ProductRef
from sq.v1.query_pb2 import BAND_HEAD, Query, QuerySetRecord, Segment
from sq.v1.report_pb2 import MarketReport
from sq.v1.retrieval_pb2 import Hit, RetrievalRecord, SearchResult
from sq_handoff import ArtefactWriter
from sq_handoff.product import seal


def write_run(folder, queries, grades=(4, 0)):
    """A run of market uk with queries "hat 0", …, whose judge gave these grades to their products a and b."""

    def write(node, message, records):
        writer = ArtefactWriter(str(folder / "uk" / node), message)
        for record in records:
            writer.write(record)
        writer.publish(Provenance(stage=node))

    products = [seal(Product(product_id=name, title=f"Hat {name}")) for name in ("a", "b")]
    refs = [ProductRef(product_id=item.product_id, content_hash=item.content_hash) for item in products]
    made = [
        Query(
            query_id=f"q{n}", segment_id="s", text=f"hat {n}", source_text=f"hat {n}", language="en",
            source_language="en", band=BAND_HEAD, traffic_share=1 / queries,
        )
        for n in range(queries)
    ]  # fmt: skip
    hits = [Hit(rank=rank, product=ref) for rank, ref in enumerate(refs, 1)]
    write("generate", QuerySetRecord, [QuerySetRecord(segment=Segment(segment_id="s", queries=made))])
    results = [SearchResult(query_id=one.query_id, segment_id="s", hits=hits, total_hits=2) for one in made]
    write(
        "retrieve",
        RetrievalRecord,
        [*(RetrievalRecord(product=item) for item in products), *(RetrievalRecord(result=one) for one in results)],
    )
    judgments = [
        Judgment(
            query_id=one.query_id,
            product_id=ref.product_id,
            content_hash=ref.content_hash,
            grade=grade,
            judge="people/a",
        )
        for one in made
        for ref, grade in zip(refs, grades, strict=True)
    ]
    write("evaluate", JudgingRecord, [JudgingRecord(judgment=one) for one in judgments])
    write("report", MarketReport, [MarketReport(market="uk", k=10, relevant_grade=3)])
    return folder
