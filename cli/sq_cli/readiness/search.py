"""Sends real searches with the retrieve stage: with its template, credentials and mapping."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from sq.v1.handoff_pb2 import Handoff
from sq.v1.manifest_pb2 import Provenance
from sq.v1.product_pb2 import Product
from sq.v1.query_pb2 import BAND_HEAD, Query, QuerySetRecord, Segment
from sq.v1.retrieval_pb2 import (
    RETRIEVAL_FAILURE_REASON_RATE_LIMITED,
    RETRIEVAL_FAILURE_REASON_SERVER_ERROR,
    RETRIEVAL_FAILURE_REASON_TIMEOUT,
    RETRIEVAL_FAILURE_REASON_UNREACHABLE,
    RetrievalRecord,
)
from sq.v1.run_config_pb2 import MarketConfig
from sq.v1.source_pb2 import FieldMapping
from sq_cli.kept_warnings import KeptWarnings
from sq_cli.readiness.finding import Finding
from sq_cli.single_stages import SingleStages, StageFailed
from sq_handoff import ArtefactError, ArtefactReader, ArtefactWriter
from sq_stagekit.errors import EXIT_TRY_AGAIN

_QUERIES = 3
_IDS = [f"q{number:016x}" for number in range(_QUERIES)]
_SEGMENT = "UNTAGGED"
# Of these, a run says that the endpoint may answer at another time.
_PASSING = (
    RETRIEVAL_FAILURE_REASON_UNREACHABLE,
    RETRIEVAL_FAILURE_REASON_TIMEOUT,
    RETRIEVAL_FAILURE_REASON_RATE_LIMITED,
    RETRIEVAL_FAILURE_REASON_SERVER_ERROR,
)
# Fields of a mapping that a product may lack, with those of the product.
_OPTIONAL = {
    "description": "description",
    "brand": "brand",
    "category": "categories",
    "price": "price",
    "image": "image_uri",
}


class _Warnings:
    """Takes the events of a stage.

    Attributes:
        unmapped: paths of the mapping that fit no hit.
        failed: warnings about queries that failed.
    """

    def __init__(self) -> None:
        self.unmapped: list[str] = []
        self.failed = KeptWarnings()

    def event(self, task: object, event: dict) -> None:
        if event.get("level") != "warning":
            return
        if isinstance(event.get("fields"), list):
            self.unmapped += event["fields"]
        elif event.get("message") == "queries failed":
            self.failed.add(event)


def search(name: str, market: MarketConfig, texts: Sequence[str]) -> Finding:
    """Whether the endpoint finds something for one of the first texts, and the mapping fits the hits."""
    asked = list(texts[:_QUERIES])
    warnings = _Warnings()
    try:
        with tempfile.TemporaryDirectory(prefix="sq-doctor-") as folder:
            records = _searched(market, asked, Path(folder), warnings)
    except StageFailed as failed:
        return Finding(name, False, failed.message, away=failed.code == EXIT_TRY_AGAIN)
    except ArtefactError as error:
        return Finding(name, False, str(error))
    failures = [record.failure for record in records if record.HasField("failure")]
    failed = f"of {len(asked)} searches, {'; '.join(warnings.failed.lines())}" if failures else ""
    if len(failures) == len(asked):
        return Finding(name, False, failed, away=all(failure.reason in _PASSING for failure in failures))
    hits = {record.result.query_id: len(record.result.hits) for record in records if record.HasField("result")}
    shown = ", ".join(f"{text!r} {hits[id]} hits" for id, text in zip(_IDS, asked, strict=False) if id in hits)
    shown = "; ".join(filter(None, (failed, shown)))
    if not any(hits.values()):
        return Finding(name, False, f"{shown}; check the fields that are searched, and that the index has documents")
    products = [record.product for record in records if record.HasField("product")]
    if not any(product.title for product in products):
        field = "json.answer.title" if market.retrieve.HasField("json") else "fields.title"
        return Finding(name, False, f"{shown}; no hit has a title: correct retrieve.{field}")
    unmapped = [*_empty(market.retrieve.fields, products), *warnings.unmapped]
    if unmapped:
        detail = f"{shown}; no hit has {', '.join(unmapped)}: check the mapping"
        return Finding(name, True, detail, doubtful=True)
    # Where some searches fail, a run goes on with the others.
    return Finding(name, True, f"{shown}, such as {products[0].title!r}", doubtful=bool(failures))


def _empty(mapping: FieldMapping, products: Sequence[Product]) -> list[str]:
    """Configured fields that are empty in every product."""
    found = [f"{name} ({getattr(mapping, name)})" for name in _OPTIONAL if getattr(mapping, name)]
    full = {name for name, of in _OPTIONAL.items() if any(getattr(product, of) for product in products)}
    named = {attribute.name for product in products for attribute in product.attributes}
    attributes = [item.field for item in mapping.attributes if (item.name or item.field) not in named]
    return [text for text in found if text.split()[0] not in full] + attributes


def _searched(market: MarketConfig, texts: Sequence[str], folder: Path, warnings: _Warnings) -> list[RetrievalRecord]:
    config = type(market.retrieve)()
    config.CopyFrom(market.retrieve)
    config.max_retries = 0
    writer = ArtefactWriter(str(folder / "queries"), QuerySetRecord)
    language = market.generate.target_language
    queries = [
        Query(
            query_id=query_id,
            segment_id=_SEGMENT,
            source_text=text,
            source_language=language,
            text=text,
            language=language,
            band=BAND_HEAD,
        )
        for query_id, text in zip(_IDS, texts, strict=False)
    ]
    writer.write(QuerySetRecord(segment=Segment(segment_id=_SEGMENT, queries=queries)))
    manifest = writer.publish(Provenance(stage="doctor", market=market.market))
    given = Handoff(uri=str(folder / "queries"), digest=manifest.digest)
    stages = SingleStages(market.market, folder, warnings)
    return list(ArtefactReader.open(stages.run("retrieve", config, [("queries", given)]).uri, RetrievalRecord))
