"""Writing and reading artefacts, against bare protobuf with zstd and against Parquet, over the same judgments."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from sq.v1.judgment_pb2 import JudgingRecord, Judgment, Reason, ReasonCode
from sq.v1.manifest_pb2 import Provenance
from sq_bench.measure import Comparison, compare, from_rates
from sq_handoff import ArtefactReader, ArtefactWriter
from sq_handoff.delimited import delimit, split

RECORDS = 100_000
PAIRS = 5
_BARE = "protobuf + zstd, no digest, no checks, one file"
_PARQUET = "pyarrow Parquet (zstd), columns to and from Python objects"


def judgments(count: int) -> Iterator[JudgingRecord]:
    """Records like those of a run: 25 products for each query, and one reason for each grade below 4."""
    for number in range(count):
        grade = number % 5
        reason = Reason(code=ReasonCode.REASON_CODE_TAG_MISMATCH, tag_type="COLOUR", value="navy blue")
        yield JudgingRecord(
            judgment=Judgment(
                query_id=f"q{number // 25:016x}",
                product_id=f"{number * 7919 % 1_000_003}",
                content_hash=f"{number * 2654435761:064x}",
                grade=grade,
                reasons=[] if grade == 4 else [reason],
                judge="baseline/1",
            )
        )


def run(folder: Path, go_program: Path) -> list[Comparison]:
    """Makes all comparisons of this part, in Python and in Go."""
    records = list(judgments(RECORDS))
    return [*_writing(folder, records), *_reading(folder, records), *_in_go(folder, go_program)]


def _write_artefact(folder: Path, records: list[JudgingRecord]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    writer = ArtefactWriter(str(folder), JudgingRecord)
    for record in records:
        writer.write(record)
    writer.publish(Provenance(stage="bench"))


def _write_bare(path: Path, records: list[JudgingRecord]) -> None:
    with path.open("wb") as file, zstandard.ZstdCompressor(level=3).stream_writer(file) as stream:
        for record in records:
            stream.write(delimit(record.SerializeToString()))


def _write_parquet(path: Path, records: list[JudgingRecord]) -> None:
    rows = [
        {
            "query_id": j.query_id,
            "product_id": j.product_id,
            "content_hash": j.content_hash,
            "grade": j.grade,
            "reasons": [{"code": r.code, "tag_type": r.tag_type, "value": r.value} for r in j.reasons],
            "judge": j.judge,
        }
        for j in (record.judgment for record in records)
    ]
    pq.write_table(pa.Table.from_pylist(rows), path, compression="zstd")


def _writing(folder: Path, records: list[JudgingRecord]) -> list[Comparison]:
    def ours() -> None:
        _write_artefact(folder / "artefact", records)

    def bare() -> None:
        _write_bare(folder / "bare.zst", records)

    def parquet() -> None:
        _write_parquet(folder / "rows.parquet", records)

    return [
        compare("handoff write, Python", "records/s", RECORDS, ours, _BARE, bare, PAIRS),
        compare("handoff write, Python", "records/s", RECORDS, ours, _PARQUET, parquet, PAIRS),
    ]


def _reading(folder: Path, records: list[JudgingRecord]) -> list[Comparison]:
    def ours() -> None:
        assert sum(1 for _ in ArtefactReader.open(str(folder / "artefact"), JudgingRecord)) == len(records)

    def bare() -> None:
        data = zstandard.ZstdDecompressor().stream_reader((folder / "bare.zst").read_bytes()).read()
        assert sum(1 for chunk in split(data) if JudgingRecord.FromString(chunk)) == len(records)

    def parquet() -> None:
        assert len(pq.read_table(folder / "rows.parquet").to_pylist()) == len(records)

    return [
        compare("handoff read, Python", "records/s", RECORDS, ours, _BARE, bare, PAIRS),
        compare("handoff read, Python", "records/s", RECORDS, ours, _PARQUET, parquet, PAIRS),
    ]


def _in_go(folder: Path, program: Path) -> list[Comparison]:
    """Makes the comparisons in Go. The Go program measures both in turn and prints their rates."""
    command = [str(program), "--artefact", str(folder / "artefact"), "--folder", str(folder / "go")]
    done = subprocess.run([*command, "--pairs", str(PAIRS)], check=True, capture_output=True, text=True)
    return [
        from_rates(part["name"], "records/s", _BARE, [(pair["ours"], pair["theirs"]) for pair in part["rates"]])
        for part in json.loads(done.stdout)
    ]
