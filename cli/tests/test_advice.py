"""What sq says when stages failed: each error once, and advice that works."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from google.protobuf import json_format

from sq.v1.manifest_pb2 import ModelUsage
from sq.v1.ner_diff_config_pb2 import NerDiffConfig
from sq.v1.pipeline_pb2 import RenderedPipeline
from sq.v1.stage_contract_pb2 import StageContract
from sq_cli import __main__ as cli
from sq_cli import process_runtime, single_stages
from sq_cli.children import Children
from sq_cli.commands.run import _keep_logs, _print_failures, advice, check_workspace
from sq_cli.ending import Ending
from sq_cli.history import RunPlace
from sq_cli.money.bill import unreported
from sq_cli.plan import Task
from sq_cli.progress import Display
from sq_cli.runner import Outcome
from sq_cli.tables import print_unreported
from sq_stagekit.errors import InputError

AGAIN = ["sq", "run", "sq.yaml", "--runtime", "container", "--run-id", "r1"]
KEY = ("uk", "evaluate", 0)
NAMES = {KEY: "uk evaluate"}


def ended(code: int, field: str = "") -> Outcome:
    return Outcome(failed={KEY: Ending(code, None, "it went wrong", [], field)})


@pytest.mark.parametrize(
    ("outcome", "last"),
    [
        (ended(2, "--output"), "Start a new run with: sq run sq.yaml --runtime container"),
        (ended(2, "judge"), "Resume with: sq run sq.yaml --runtime container --run-id r1"),
        (ended(75), "Resume with: sq run sq.yaml --runtime container --run-id r1"),
    ],
)
def test_the_command_that_is_advised_can_succeed(outcome: Outcome, last: str) -> None:
    assert advice(outcome, AGAIN, NAMES)[-1].endswith(last)


def test_bad_input_is_to_be_corrected_before_the_run_is_resumed() -> None:
    assert advice(ended(2), AGAIN, NAMES)[0].startswith("Correct the bad input first")
    assert len(advice(ended(75), AGAIN, NAMES)) == 1


def test_the_fix_of_bad_input_is_among_the_last_lines() -> None:
    outcome = Outcome(failed={KEY: Ending(2, None, "it went wrong", [], "budget", "raise it to max_calls 20 or more")})
    assert advice(outcome, AGAIN, NAMES)[-2] == "In uk evaluate: budget: raise it to max_calls 20 or more."


USAGE = {"calls": 40, "input_tokens": 9000, "output_tokens": 1000, "usd": 0.125}


def test_what_failed_stages_paid_for_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    reported = ("uk", "diagnose", 0)
    tasks = [
        Task(key, StageContract(name=key[1]), "uk", "", NerDiffConfig(), (), f"/out/{key[1]}", needs_all=True)
        for key in (KEY, reported)
    ]
    outcome = Outcome(usage={KEY: USAGE, reported: USAGE})
    used = unreported(outcome, tasks, [ModelUsage(uri="file:///out/diagnose")])
    assert used == [USAGE]
    print_unreported(used)
    said = capsys.readouterr().err
    assert said == "Paid models, for stages that are in no report yet: $0.12, 40 calls, 10,000 tokens.\n"
    print_unreported([])
    assert not capsys.readouterr().err


def test_a_stage_that_fails_says_what_its_calls_used() -> None:
    told = json.dumps({"level": "info", "message": "model usage", **USAGE})
    error = json.dumps({"level": "error", "message": "budget: no", "field": "budget", "fix": "raise it"})
    program = f"import sys; print({told!r}, {error!r}, sep=chr(10), file=sys.stderr); sys.exit(2)"
    task = Task(KEY, StageContract(name="evaluate"), "uk", "", NerDiffConfig(), (), "/out", needs_all=True)
    ending = Children().run(task, [sys.executable, "-c", program], {}, Path("/none"), lambda _: None)
    assert (ending.code, ending.field, ending.fix, ending.usage["usd"]) == (2, "budget", "raise it", 0.125)


def test_an_error_of_a_run_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    task = Task(KEY, StageContract(name="evaluate"), "uk", "", NerDiffConfig(), (), "/out", needs_all=True)
    outcome = ended(2)
    with Display() as display:
        display.event(task, {"level": "error", "message": "it went wrong"})
        display.event(task, outcome.failed[KEY].event())
    assert _print_failures(outcome, [task])
    said = capsys.readouterr().err
    assert said.count("it went wrong") == 1
    assert "bad input (exit 2)" in said


@pytest.mark.parametrize("code", [1, 2, 75])
def test_judge_says_the_stages_error_once_and_ends_as_the_stage(
    code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stage = tmp_path / "stage.py"
    stage.write_text(
        "import json, sys\n"
        "print(json.dumps({'level': 'error', 'message': 'the judge is broken'}), file=sys.stderr)\n"
        f"sys.exit({code})\n"
    )
    monkeypatch.setattr(process_runtime, "find_program", lambda _: [sys.executable, str(stage)])
    stages = [{"contract": {"name": name, "entrypoint": [name]}} for name in ("generate", "evaluate")]
    monkeypatch.setattr(
        single_stages, "read_pipeline", lambda: json_format.ParseDict({"stages": stages}, RenderedPipeline())
    )
    (tmp_path / "products.csv").write_text("id,title\np1,red shoes\n")
    (tmp_path / "pairs.csv").write_text("query,docid\nshoes,p1\n")
    flags = {"judge": "baseline", "catalogue": "products.csv", "pairs": "pairs.csv", "out": "out.csv"}
    words = [f"--{name}={tmp_path / value if '.' in value else value}" for name, value in flags.items()]
    monkeypatch.setattr(sys, "argv", ["sq", "judge", *words])
    assert cli.main() == code
    said = capsys.readouterr().err
    assert said.count("the judge is broken") == 1
    assert "Traceback" not in said
    assert not (tmp_path / "out.csv").exists()


def test_a_workspace_that_cannot_be_written_is_told_before_anything_runs(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError) as caught:
        check_workspace(str(tmp_path / "file" / "r1"))
    assert caught.value.field == "workspace_uri"
    check_workspace(str(tmp_path / "new" / "r1"))
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "file"]


def test_a_log_that_cannot_be_kept_hides_no_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("in the way")
    output = str(tmp_path / "file" / "r1" / "uk")
    task = Task(KEY, StageContract(name="evaluate"), "uk", "", NerDiffConfig(), (), output, needs_all=True)
    place = RunPlace("r1", str(tmp_path))
    _keep_logs(place, Outcome(failed={KEY: Ending(2, None, "it went wrong", ["a line"])}), [task])
    assert "the log of uk evaluate is not kept" in capsys.readouterr().err
