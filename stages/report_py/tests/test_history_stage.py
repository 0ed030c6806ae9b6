"""consolidate adds to a history, and what goes wrong there."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from histories import SUNDAY, market
from html_outline import Page, words

import sq_report.consolidate
from sq.v1.manifest_pb2 import Provenance, SearchTime, Unfinished
from sq.v1.report_pb2 import MarketReport
from sq_handoff import ArtefactWriter, fetch_manifest
from sq_history import History
from sq_stagekit import run_stage


def published(folder: Path, made: MarketReport, unfinished: bool = False) -> str:
    asked = Timestamp()
    asked.FromJsonString("2026-07-01T09:00:00Z")
    provenance = Provenance(stage="report", image_digest="sha256:program")
    provenance.searched.append(SearchTime(uri="retrieve", market=made.market, start=asked, end=asked))
    if unfinished:
        provenance.unfinished.append(Unfinished(reason="BUDGET", records=3))
    writer = ArtefactWriter(str(folder), MarketReport)
    writer.write(made)
    writer.publish(provenance)
    return str(folder)


def run(output: Path, history: str, *reports: str, run_id: str = "r1") -> int:
    flags = [f"--run-id={run_id}", f'--config={{"history_uri": "{history}"}}', f"--output={output}"]
    return run_stage(
        sq_report.consolidate.stage(),
        sq_report.consolidate.run,
        [*flags, *[f"--input=reports={uri}" for uri in reports]],
    )


def objects(history: Path) -> list[str]:
    return sorted(str(path.relative_to(history)) for path in history.rglob("*") if path.is_file())


def test_consolidate_adds_each_market_once_and_the_records_do_not_depend_on_the_history(tmp_path: Path) -> None:
    history = tmp_path / "history"
    uk, de = market(), market(SUNDAY + timedelta(days=1))
    de.market = "de"
    inputs = [published(tmp_path / one.market, one) for one in (uk, de)]
    assert run(tmp_path / "without-de", str(history), inputs[0]) == 0
    assert run(tmp_path / "all", str(history), *inputs) == 0
    assert run(tmp_path / "again", str(history), *inputs) == 0
    assert objects(history) == ["date=2026-01-11/uk/r1.parquet", "date=2026-01-12/de/r1.parquet"]
    (row,) = History(str(history)).read("uk", SUNDAY, 9).markets
    assert (row.run_id, row.asked_on, row.program_digest) == ("r1", date(2026, 7, 1), "sha256:program")
    assert row.report_digest == fetch_manifest(inputs[0]).digest
    assert run(tmp_path / "r2", str(history), *inputs, run_id="r2") == 0
    assert fetch_manifest(str(tmp_path / "r2")).digest == fetch_manifest(str(tmp_path / "all")).digest
    made = Page((tmp_path / "r2/report.html").read_bytes())
    assert len(made.all("svg")) == 2
    assert len(made.all("circle")) == 4


def test_an_unfinished_market_is_shown_and_not_added(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report_uri = published(tmp_path / "uk", market(), unfinished=True)
    assert run(tmp_path / "out", str(tmp_path / "history"), report_uri) == 0
    assert objects(tmp_path / "history") == []
    assert "no figures of an unfinished market" in capsys.readouterr().err
    assert "This run is unfinished." in words(Page((tmp_path / "out/report.html").read_bytes()))


def test_other_figures_under_the_same_run_id_stay_and_page_and_log_say_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    history = tmp_path / "history"
    other = market()
    other.queries[0].text = "another"
    for name, made in (("first", market()), ("second", other)):
        assert run(tmp_path / f"{name}-out", str(history), published(tmp_path / name, made)) == 0
    assert "give each run its own ID or history" in capsys.readouterr().err
    said = words(Page((tmp_path / "second-out/report.html").read_bytes()))
    assert "The history holds other figures under this run’s ID, and keeps them." in said


def test_a_broken_object_of_the_history_ends_no_run(tmp_path: Path) -> None:
    broken = tmp_path / "history/date=2026-01-04/uk/old.parquet"
    broken.parent.mkdir(parents=True)
    broken.write_bytes(b"PAR1")
    assert run(tmp_path / "out", str(tmp_path / "history"), published(tmp_path / "uk", market())) == 0
    said = words(Page((tmp_path / "out/report.html").read_bytes()))
    assert "Not read from the history: date=2026-01-04/uk/old.parquet:" in said


def test_a_history_that_cannot_be_written_ends_with_2_and_publishes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "history").write_text("a file")
    assert run(tmp_path / "out", str(tmp_path / "history"), published(tmp_path / "uk", market())) == 2
    assert f"{tmp_path}/history" in capsys.readouterr().err
    assert not (tmp_path / "out/manifest.json").exists()


def test_a_scheme_that_sq_does_not_know_ends_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path / "out", "ftp://x/history", published(tmp_path / "uk", market())) == 2
    assert "history_uri" in capsys.readouterr().err


def test_a_program_without_a_history_does_not_load_pyarrow() -> None:
    code = "import sq_report.run, sq_report.consolidate, sys; sys.exit('pyarrow' in sys.modules)"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    assert subprocess.run([sys.executable, "-c", code], env=environment, check=False).returncode == 0
