"""A market of shirts whose results are judged by sq-evaluate in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sq.v1.judgment_pb2 import JudgingRecord
from sq.v1.manifest_pb2 import Provenance
from sq.v1.product_pb2 import Product, ProductRef
from sq.v1.query_pb2 import BAND_HEAD, Query, QuerySetRecord, Segment
from sq.v1.retrieval_pb2 import Hit, RetrievalRecord, SearchResult
from sq_handoff import ArtefactReader, ArtefactWriter
from sq_handoff.product import seal

_RUN_SECONDS = 300


def shirt(number: int, text: str = "") -> Product:
    return seal(Product(product_id=f"p{number}", title=f"Red shirt {number}", description=text))


def query(text: str, number: int) -> Query:
    return Query(
        query_id=f"q{number:016x}",
        segment_id="S",
        source_text=text,
        source_language="en",
        text=text,
        language="en",
        band=BAND_HEAD,
    )


@dataclass
class Market:
    """Attributes:
    folder: for its artefacts.
    results: the queries with their products, best first.
    settings: of the stage, beside the judge.
    judge_settings: of the judge, beside the endpoint. Canaries are off, so that calls are those of pairs.
    """

    folder: Path
    results: Sequence[tuple[Query, Sequence[Product]]]
    settings: dict = field(default_factory=dict)
    judge_settings: dict = field(default_factory=dict)

    def __post_init__(self) -> None:
        segment = Segment(segment_id="S", queries=[asked for asked, _ in self.results])
        _publish(self.folder / "queries", QuerySetRecord, [QuerySetRecord(segment=segment)])
        _publish(self.folder / "retrieval", RetrievalRecord, self._retrieval())

    @property
    def pairs(self) -> int:
        return sum(len(products) for _, products in self.results)

    def start(self, url: str, output: str, run_id: str = "run", **endpoint: object) -> subprocess.Popen:
        """Starts sq-evaluate."""
        at = {"model": "m", "baseUrl": url, **endpoint}
        openai = {"endpoint": at, "batchSize": 10, "canaries": {"share": 0}, **self.judge_settings}
        command = ["--run-id", run_id, "--market", "uk", "--output", str(self.folder / output)]
        for name in ("queries", "retrieval"):
            command += ["--input", f"{name}={self.folder / name}"]
        command += ["--config", json.dumps({"openai": openai, **self.settings})]
        return subprocess.Popen(
            [sys.executable, "-m", "sq_evaluate", *command],
            env=os.environ | {"OPENAI_API_KEY": "k", "PYTHONPATH": os.pathsep.join(sys.path)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )

    def judge(self, url: str, output: str, run_id: str = "run", **endpoint: object) -> Judged:
        """Runs sq-evaluate to its end. Raises RuntimeError if it ends with another exit code than 0."""
        process = self.start(url, output, run_id, **endpoint)
        _, log = process.communicate(timeout=_RUN_SECONDS)
        if process.returncode:
            raise RuntimeError(f"sq-evaluate ended with {process.returncode}:\n{log.decode()[-2000:]}")
        return Judged(ArtefactReader.open(str(self.folder / output), JudgingRecord))

    def _retrieval(self) -> Iterable[RetrievalRecord]:
        written: set[str] = set()
        for asked, products in self.results:
            for item in products:
                if item.content_hash not in written:
                    written.add(item.content_hash)
                    yield RetrievalRecord(product=item)
            refs = [ProductRef(product_id=item.product_id, content_hash=item.content_hash) for item in products]
            hits = [Hit(rank=rank, product=ref) for rank, ref in enumerate(refs, 1)]
            yield RetrievalRecord(result=SearchResult(query_id=asked.query_id, segment_id="S", hits=hits))


class Judged:
    """What sq-evaluate published."""

    def __init__(self, reader: ArtefactReader) -> None:
        self.digest = reader.digest
        self.usage = reader.manifest.provenance.model_usage[0]
        records = list(reader)
        self.failures = [record.failure for record in records if record.HasField("failure")]
        judgments = [record.judgment for record in records if record.HasField("judgment")]
        self.grades = {(item.query_id, item.product_id): item.grade for item in judgments}
        self.canaries = [one for record in records if record.HasField("trust") for one in record.trust.canaries]


def _publish(folder: Path, message: type, records: Iterable[object]) -> None:
    writer = ArtefactWriter(str(folder), message)
    for record in records:
        writer.write(record)
    writer.publish(Provenance(stage="check", run_id="check"))
