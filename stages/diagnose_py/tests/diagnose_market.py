"""A small shop as artefacts, and the stage over it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import sq_diagnose.__main__ as program
from sq.v1.manifest_pb2 import Provenance
from sq.v1.product_pb2 import Product, ProductRef
from sq.v1.query_pb2 import BAND_HEAD, Query, QuerySetRecord, Segment
from sq.v1.retrieval_pb2 import Hit, RetrievalRecord, SearchResult
from sq_diagnose.run import run
from sq_handoff import ArtefactReader, ArtefactWriter
from sq_handoff.product import seal
from sq_stagekit import Stage, run_stage

SHOP = tuple(
    {"id": f"{title} {n}", "title": title, "brand": "Acme", "category": "thing", "note": f"zebra{n} quokka{n}"}
    for title in ("Black toner", "Wireless headphones", "Notebook sleeve")
    for n in range(4)
)


def query(text: str, traffic: float = 0.1) -> Query:
    return Query(
        query_id=f"q-{text}",
        segment_id="S",
        source_text=text,
        source_language="en",
        text=text,
        language="en",
        band=BAND_HEAD,
        traffic_share=traffic,
    )


@dataclass
class Diagnosed:
    """Queries, how many products each found, and the stage over them."""

    folder: Path
    found: list[tuple[Query, int]]

    shop: Sequence[Mapping[str, str]] = SHOP

    def run(self, config: dict | None = None, output: str = "probes", catalogue: bool = True) -> int:
        shop = self.folder / "shop.ndjson"
        shop.write_text("\n".join(map(json.dumps, self.shop)), encoding="utf-8")
        asked = [asked for asked, _ in self.found]
        queries = _publish(
            self.folder / "queries", QuerySetRecord, [QuerySetRecord(segment=Segment(segment_id="S", queries=asked))]
        )
        results = _publish(self.folder / "retrieval", RetrievalRecord, self._retrieval())
        fields = {"id": "id", "title": "title", "brand": "brand", "attributes": [{"field": "note"}]}
        config = {
            **({"catalogue": {"uri": str(shop), "fields": fields}} if catalogue else {}),
            "knownItems": 0,
            **(config or {}),
        }
        arguments = ["--run-id", "r", "--market", "uk", "--input", f"queries={queries}"]
        arguments += ["--input", f"retrieval={results}", "--config", json.dumps(config)]
        return run_stage(Stage.beside(program.__file__), run, [*arguments, "--output", str(self.folder / output)])

    def artefact(self, output: str = "probes") -> ArtefactReader[QuerySetRecord]:
        return ArtefactReader.open(str(self.folder / output), QuerySetRecord)

    def probes(self, output: str = "probes") -> list[Query]:
        return [query for record in self.artefact(output) for query in record.segment.queries]

    def _retrieval(self) -> Iterable[RetrievalRecord]:
        product = seal(Product(product_id="p", title="Black toner"))
        ref = ProductRef(product_id="p", content_hash=product.content_hash)
        yield RetrievalRecord(product=product)
        for asked, total in self.found:
            hits = [Hit(rank=1, product=ref, score=5.0)] if total else []
            yield RetrievalRecord(
                result=SearchResult(query_id=asked.query_id, segment_id="S", hits=hits, total_hits=total)
            )


def _publish(uri: Path, message: type, records: Iterable[object]) -> str:
    writer = ArtefactWriter(str(uri), message)
    for record in records:
        writer.write(record)
    if not (uri / "manifest.json").exists():
        writer.publish(Provenance(stage="test", run_id="r"))
    return str(uri)
