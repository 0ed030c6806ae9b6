import multiprocessing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sq.v1.judgment_pb2 import JudgingRecord, Judgment, Reason, ReasonCode
from sq.v1.manifest_pb2 import Provenance
from sq.v1.retrieval_pb2 import RetrievalRecord
from sq_handoff import ArtefactReader, ArtefactWriter, Conflict, Corrupt, NotFound, WrongType, fetch_manifest

PROVENANCE = Provenance(stage="evaluate", run_id="r1")


def judgment(number: int, grade: int = 3) -> JudgingRecord:
    reasons = [] if grade == 4 else [Reason(code=ReasonCode.REASON_CODE_TERM_MISSING, value="größe")]
    return JudgingRecord(
        judgment=Judgment(
            query_id=f"q{number}",
            product_id=f"p{number}",
            content_hash=f"{number:064x}",
            grade=grade,
            reasons=reasons,
            judge="baseline/1",
        )
    )


def publish(uri: str, records: list[JudgingRecord], part_bytes: int = 200) -> str:
    writer = ArtefactWriter(uri, JudgingRecord, part_bytes)
    for record in records:
        writer.write(record)
    return writer.publish(PROVENANCE).digest


def read(uri: str) -> list[JudgingRecord]:
    return list(ArtefactReader.open(uri, JudgingRecord))


@pytest.mark.parametrize("count", [0, 1, 2, 50])
def test_records_come_back_in_order(tmp_path: Path, count: int) -> None:
    records = [judgment(n, n % 5) for n in range(count)]
    publish(str(tmp_path), records)
    assert read(str(tmp_path)) == records


def test_digest_does_not_depend_on_the_cut_into_parts(tmp_path: Path) -> None:
    records = [judgment(n) for n in range(20)]
    digests = {publish(str(tmp_path / str(size)), records, size) for size in (1, 100, 1 << 20)}
    assert len(digests) == 1


def test_digest_depends_on_order_and_content(tmp_path: Path) -> None:
    a, b = judgment(1), judgment(2)
    sets = [[a, b], [b, a], [a], [a, b, b]]
    assert len({publish(str(tmp_path / str(i)), s) for i, s in enumerate(sets)}) == len(sets)


def test_counts_go_by_kind(tmp_path: Path) -> None:
    publish(str(tmp_path), [judgment(1), judgment(2)])
    content = fetch_manifest(str(tmp_path)).content
    assert [(c.kind, c.records) for c in content.counts] == [("judgment", 2)]


def test_nothing_is_visible_before_publishing(tmp_path: Path) -> None:
    writer = ArtefactWriter(str(tmp_path), JudgingRecord, 1)
    writer.write(judgment(1))
    with pytest.raises(NotFound):
        read(str(tmp_path))


def test_publishing_equal_records_again_keeps_the_first_manifest(tmp_path: Path) -> None:
    publish(str(tmp_path), [judgment(1)])
    writer = ArtefactWriter(str(tmp_path), JudgingRecord)
    writer.write(judgment(1))
    assert writer.publish(Provenance(stage="evaluate", run_id="later")).provenance.run_id == "r1"


def test_publishing_other_records_is_a_conflict_and_changes_nothing(tmp_path: Path) -> None:
    publish(str(tmp_path), [judgment(1)])
    with pytest.raises(Conflict, match="sha256:"):
        publish(str(tmp_path), [judgment(2)])
    assert read(str(tmp_path)) == [judgment(1)]


def test_another_type_is_refused(tmp_path: Path) -> None:
    publish(str(tmp_path), [judgment(1)])
    with pytest.raises(WrongType, match="contains sq.v1.JudgingRecord, not sq.v1.RetrievalRecord"):
        ArtefactReader.open(str(tmp_path), RetrievalRecord)


def test_a_record_that_breaks_its_contract_is_refused(tmp_path: Path) -> None:
    writer = ArtefactWriter(str(tmp_path), JudgingRecord)
    with pytest.raises(ValueError, match=r"judgment\.grade: must be from 0 to 4"):
        writer.write(judgment(1, grade=5))


def stored_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


@settings(max_examples=150)
@given(data=st.data())
def test_a_flipped_bit_is_never_read_as_a_record(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("flip")
    records = [judgment(n) for n in range(5)]
    publish(str(folder), records)
    path = data.draw(st.sampled_from(stored_files(folder)))
    stored = bytearray(path.read_bytes())
    stored[data.draw(st.integers(0, len(stored) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(stored)
    try:
        found = read(str(folder))
    except (Corrupt, WrongType):
        return
    # The digests do not cover the provenance, nor bits of a zstd frame that carry no content.
    assert found == records


@settings(max_examples=100)
@given(data=st.data())
def test_a_truncated_file_is_never_read_as_a_record(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("cut")
    publish(str(folder), [judgment(n) for n in range(5)])
    path = data.draw(st.sampled_from(stored_files(folder)))
    stored = path.read_bytes()
    path.write_bytes(stored[: data.draw(st.integers(0, len(stored) - 1))])
    with pytest.raises(Corrupt):
        read(str(folder))


def _race(folder: str, number: int, results: multiprocessing.Queue) -> None:
    try:
        results.put(publish(folder, [judgment(number)] * 50))
    except Conflict:
        results.put(None)


def test_of_concurrent_writers_one_wins(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    writers = [context.Process(target=_race, args=(str(tmp_path), n, results)) for n in range(4)]
    for writer in writers:
        writer.start()
    digests = [results.get(timeout=60) for _ in writers]
    for writer in writers:
        writer.join()
    winners = [digest for digest in digests if digest]
    assert winners == [fetch_manifest(str(tmp_path)).digest]
    assert len(read(str(tmp_path))) == 50


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"sha256":"', '"sha256":"../'),
        ('"records":"3"', '"records":"4"'),
        ('"bytes"', '"octets"'),
        ("sq.v1.JudgingRecord", "sq.v1.RetrievalRecord"),
    ],
)
def test_a_manifest_that_was_tampered_with_is_corrupt(tmp_path: Path, old: str, new: str) -> None:
    publish(str(tmp_path), [judgment(n) for n in range(3)], 1 << 20)
    manifest = tmp_path / "manifest.json"
    text = manifest.read_text()
    assert old in text
    manifest.write_text(text.replace(old, new))
    with pytest.raises(Corrupt, match="manifest.json"):
        read(str(tmp_path))
