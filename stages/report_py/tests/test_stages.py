"""Both programs from the command line, on artefacts."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from google.protobuf import json_format
from google.protobuf.message import Message
from html_outline import Page
from markets import PLANTED, planted
from synthetic import Records, records
from synthetic_case import Case

import sq_report.consolidate
import sq_report.run
from sq.v1.judgment_pb2 import JudgingRecord
from sq.v1.manifest_pb2 import ModelUsage, Provenance, Unfinished
from sq.v1.query_pb2 import QuerySetRecord
from sq.v1.report_pb2 import MarketReport, RunReport
from sq.v1.retrieval_pb2 import RetrievalRecord
from sq.v1.tag_difference_pb2 import TagDifference
from sq_handoff import ArtefactReader, ArtefactWriter, fetch_manifest
from sq_stagekit import Stage, run_stage

CONFIG = '{"minimum_sample": 5}'


def publish(folder: Path, message: type[Message], made: Sequence[Message]) -> str:
    writer = ArtefactWriter(str(folder), message)
    for record in made:
        writer.write(record)
    writer.publish(Provenance(stage="test"))
    return str(folder)


def publish_all(folder: Path, made: Records, shards: int = 2) -> list[str]:
    """Flags for the inputs, retrieval and judgments in shards."""
    inputs = [("queries", publish(folder / "queries", QuerySetRecord, made.queries))]
    inputs += [("tag_differences", publish(folder / "tags", TagDifference, made.tag_differences))]
    for shard in range(shards):
        inputs += [("retrieval", publish(folder / f"r{shard}", RetrievalRecord, made.retrieval[shard::shards]))]
        inputs += [("judgments", publish(folder / f"j{shard}", JudgingRecord, made.judgments[shard::shards]))]
    return [f"--input={name}={uri}" for name, uri in inputs]


def program(module: str, *flags: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", module, "--run-id=r1", *flags],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )


def report_market(folder: Path, market: str, inputs: Sequence[str], *more: str) -> int:
    """Runs sq-report in this process, which spares the start of another; the exit code."""
    flags = ["--run-id=r1", f"--market={market}", f"--config={CONFIG}", f"--output={folder}", *inputs, *more]
    return run_stage(Stage.beside(sq_report.__file__), sq_report.run.run, flags)


def consolidate(folder: Path, *reports: Path | str) -> int:
    flags = ["--run-id=r1", f"--config={CONFIG}", f"--output={folder}", *[f"--input=reports={uri}" for uri in reports]]
    return run_stage(sq_report.consolidate.stage(), sq_report.consolidate.run, flags)


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    return publish_all(tmp_path_factory.mktemp("in"), records(planted()))


def test_report_writes_one_record_and_both_pages(inputs: list[str], tmp_path: Path) -> None:
    done = program("sq_report", "--market=uk", f"--config={CONFIG}", f"--output={tmp_path / 'out'}", *inputs)
    assert done.returncode == 0, done.stderr
    handoff = json.loads(done.stdout)
    assert (handoff["records"], handoff["pages"]) == ("1", ["report.html", "report.json"])
    (report,) = ArtefactReader.open(handoff["uri"], MarketReport)
    assert report.market == "uk"
    assert [item.class_id for item in report.failure_classes if item.claimed] == PLANTED
    assert json_format.Parse((tmp_path / "out/report.json").read_bytes(), MarketReport()) == report
    assert (2, "Market uk") in Page((tmp_path / "out/report.html").read_bytes()).headings


def test_two_runs_give_the_same_digest_and_page(inputs: list[str], tmp_path: Path) -> None:
    assert [report_market(tmp_path / name, "uk", inputs) for name in ("first", "second")] == [0, 0]
    first, second = (fetch_manifest(str(tmp_path / name)) for name in ("first", "second"))
    assert first.digest == second.digest
    for name in ("report.html", "report.json"):
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes()


def test_consolidate_joins_the_markets(inputs: list[str], tmp_path: Path) -> None:
    for market in ("uk", "de"):
        assert report_market(tmp_path / market, market, inputs) == 0
    reports = [f"--input=reports={tmp_path / market}" for market in ("uk", "de")]
    done = program("sq_report.consolidate", f"--config={CONFIG}", f"--output={tmp_path / 'all'}", *reports)
    assert done.returncode == 0, done.stderr
    (run,) = ArtefactReader.open(str(tmp_path / "all"), RunReport)
    assert [market.market for market in run.markets] == ["de", "uk"]
    assert len([item for item in run.ranking if item.claimed]) == 2 * len(PLANTED)
    page = Page((tmp_path / "all/report.html").read_bytes())
    assert (2, "All markets") in page.headings
    assert json_format.Parse((tmp_path / "all/report.json").read_bytes(), RunReport()) == run


def test_sums_that_do_not_hold_end_with_2_and_publish_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = records(planted())
    made.retrieval.pop()
    assert report_market(tmp_path / "out", "uk", publish_all(tmp_path / "in", made)) == 2
    assert "queries and probes made 290 is not results" in capsys.readouterr().err
    assert not [path for path in (tmp_path / "out").rglob("*") if path.is_file()]


BAD = {
    "no market": (["--market="], "--market"),
    "unknown field": (['--config={"kk": 3}'], "kk"),
    "grade out of range": (['--config={"relevant_grade": 5}'], "relevant_grade"),
    "history of one market": (['--config={"history_uri": "x"}'], "history_uri"),
    "rate out of range": (['--config={"false_discovery_rate": 1.5}'], "false_discovery_rate"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_flags_end_with_2(case: str, inputs: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    more, said = BAD[case]
    assert report_market(tmp_path / "out", "uk", inputs, *more) == 2
    assert said in capsys.readouterr().err
    assert not [path for path in (tmp_path / "out").rglob("*") if path.is_file()]


def test_a_market_given_twice_is_refused(inputs: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report_market(tmp_path / "uk", "uk", inputs)
    assert consolidate(tmp_path / "all", tmp_path / "uk", tmp_path / "uk") == 2
    assert "market uk is given twice" in capsys.readouterr().err


def test_a_report_of_no_record_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert consolidate(tmp_path / "all", publish(tmp_path / "empty", MarketReport, [])) == 2
    assert "holds 0 reports, not one" in capsys.readouterr().err


class TestABudgetForNoQuery:
    @staticmethod
    def judged(folder: Path, unfinished: Sequence[Unfinished]) -> list[str]:
        """Inputs of a market whose only judged pair is one of ten."""
        made = records([Case("red shirt", [1, *[None] * 9])])
        inputs = publish_all(folder, made, shards=1)
        writer = ArtefactWriter(str(folder / "judged"), JudgingRecord)
        for record in made.judgments:
            writer.write(record)
        usage = ModelUsage(uri=writer.uri, calls=2, usd=0.004, max_calls=2, max_usd=0.005, budget_ended=True)
        writer.publish(Provenance(stage="test", model_usage=[usage], unfinished=unfinished))
        return [*inputs[:-1], f"--input=judgments={folder / 'judged'}"]

    def test_ends_with_2_and_a_budget_that_suffices(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        inputs = self.judged(tmp_path, [Unfinished(reason="BUDGET", records=9)])
        assert report_market(tmp_path / "out", "uk", inputs) == 2
        last = json.loads(capsys.readouterr().err.splitlines()[-1])
        assert last["field"] == "evaluate.budget"
        assert (
            "no query is judged, but 1 of 10 pairs, $0.004 of max_usd 0.005, 2 of max_calls 2 used" in last["message"]
        )
        assert last["fix"].startswith("raise it to max_usd 0.05, max_calls 25 or more")

    def test_other_reasons_are_on_the_page(self, tmp_path: Path) -> None:
        inputs = self.judged(tmp_path, [Unfinished(reason="UNAVAILABLE", records=9)])
        assert report_market(tmp_path / "out", "uk", inputs) == 0
        assert "9 records failed (UNAVAILABLE)" in (tmp_path / "out/report.html").read_text(encoding="utf-8")
