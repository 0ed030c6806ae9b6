import json
import shutil
from pathlib import Path

import pytest
from google.protobuf import json_format
from stage_process import ECHO, echo, flags

from sq.v1.evaluate_config_pb2 import EvaluateConfig
from sq.v1.judgment_pb2 import JudgingRecord
from sq.v1.manifest_pb2 import Provenance
from sq.v1.tag_difference_pb2 import TagDifference
from sq_handoff import ArtefactReader, ArtefactWriter
from sq_stagekit import Shard
from sq_stagekit.work_key import that_matters


def test_handoff_goes_to_stdout_and_to_the_file(differences: str, tmp_path: Path) -> None:
    done = echo(*flags(differences, tmp_path / "out"), SQ_HANDOFF=str(tmp_path / "x" / "return.json"))
    assert done.returncode == 0, done.stderr
    handoff = json.loads(done.stdout)
    assert handoff == json.loads((tmp_path / "x" / "return.json").read_text())
    assert (handoff["stage"], handoff["records"], handoff["market"]) == ("echo", "20", "uk")
    assert (handoff["firstSegment"], handoff["lastSegment"]) == ("s00", "s19")
    assert handoff["digest"] == ArtefactReader.open(handoff["uri"], TagDifference).digest


def test_finished_work_is_found_again_and_gives_the_same_handoff(differences: str, tmp_path: Path) -> None:
    first = echo(*flags(differences, tmp_path / "out"))
    before = {p: p.stat().st_mtime_ns for p in (tmp_path / "out").rglob("*")}
    second = echo(*flags(differences, tmp_path / "out"))
    assert second.stdout == first.stdout
    assert {p: p.stat().st_mtime_ns for p in (tmp_path / "out").rglob("*")} == before


def test_shards_cut_the_records_without_loss(differences: str, tmp_path: Path) -> None:
    found = []
    for index in range(3):
        done = echo(*flags(differences, tmp_path / str(index), "{}", f"--shard={index}/3"))
        uri = json.loads(done.stdout)["uri"]
        found += [record.query_id for record in ArtefactReader.open(uri, TagDifference)]
    assert sorted(found) == sorted(f"q{n}" for n in range(20))


def wrong_type(tmp_path: Path) -> str:
    ArtefactWriter(str(tmp_path / "judgments"), JudgingRecord).publish(Provenance(stage="test"))
    return str(tmp_path / "judgments")


BAD = {
    "unknown field": (["--config={depht: 3}"], "depht"),
    "wrong type of field": (["--config={depth: many}"], "depth"),
    "field given twice": (["--config={depth: 1, depth: 2}"], "depth is given twice"),
    "no mapping": (["--config=/dev/null/x"], "--config"),
    "shard out of range": (["--shard=3/3"], "--shard"),
    "shard of zero": (["--shard=0/0"], "--shard"),
    "unknown input": (["--input=nothing=/x"], "inputs of this stage: differences"),
    "absent input": (["--input=differences=/nowhere"], "no artefact is published here"),
    "unknown scheme": (["--input=differences=ftp://x/y"], "scheme"),
    "input with a password": (["--input=differences=s3://me:s3cret@lake/x"], "the URI has credentials in it"),
    "output with a password": (["--output=s3://me:s3cret@lake/x"], "the URI has credentials in it"),
    "output of unknown scheme": (["--output=ftp://x/y"], "--output"),
    "empty run id": (["--run-id="], "--run-id"),
    "run id of a flag's form": (["--run-id=-x"], "is not a valid run id"),
    "run id with a space": (["--run-id=a b"], "is not a valid run id"),
    "run id that is too long": (["--run-id=" + "r" * 201], "at most 200"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_ends_with_2_names_the_field_and_writes_nothing(case: str, differences: str, tmp_path: Path) -> None:
    more, expected = BAD[case]
    done = echo(*flags(differences, tmp_path / "out"), *more)
    assert done.returncode == 2
    assert expected in done.stderr
    assert "s3cret" not in done.stderr
    assert done.stdout == ""
    assert not (tmp_path / "out").exists()


def test_an_artefact_of_another_type_is_refused(tmp_path: Path) -> None:
    done = echo(*flags(wrong_type(tmp_path), tmp_path / "out"))
    assert done.returncode == 2
    assert "contains sq.v1.JudgingRecord, not sq.v1.TagDifference" in done.stderr


def test_other_work_in_the_output_is_refused_and_kept(differences: str, tmp_path: Path) -> None:
    echo(*flags(differences, tmp_path / "out"))
    done = echo(*flags(differences, tmp_path / "out", "{depth: 7}"))
    assert done.returncode == 2
    assert "another configuration" in done.stderr
    # `sq run` and Airflow have a run ID and no --output.
    assert json.loads(done.stderr)["fix"] == f"start a run with a new run ID, or delete {(tmp_path / 'out').as_uri()}"
    assert len(list(ArtefactReader.open(str(tmp_path / "out"), TagDifference))) == 20


def unfinished(output: Path) -> list[tuple[str, int, str]]:
    provenance = ArtefactReader.open(str(output), TagDifference).manifest.provenance
    return [(item.reason, item.records, item.input_uri) for item in provenance.unfinished]


def test_unfinished_work_is_continued_and_so_is_what_follows_from_it(differences: str, tmp_path: Path) -> None:
    out, after = tmp_path / "out", tmp_path / "after"
    assert echo(*flags(differences, out), ECHO_FAILS="3").returncode == 0
    assert echo(*flags(str(out), after)).returncode == 0
    assert unfinished(out) == [("UNAVAILABLE", 3, "")]
    assert unfinished(after) == [("UNAVAILABLE", 3, out.as_uri())]
    # Nothing of the second stage itself is still to do.
    assert "already done" in echo(*flags(str(out), after)).stderr

    for output, source in ((out, differences), (after, str(out))):
        done = echo(*flags(source, output))
        assert done.returncode == 0, done.stderr
        assert "continues unfinished work" in done.stderr
        assert unfinished(output) == []
        assert json.loads(done.stdout)["records"] == "20"
        assert "already done" in echo(*flags(source, output)).stderr
    assert echo(*flags(differences, after, "{depth: 7}")).returncode == 2


def test_fields_outside_the_work_key_change_no_work(tmp_path: Path) -> None:
    def key(**fields: object) -> bytes:
        config = json_format.ParseDict({"openai": {"endpoint": {"model": "m"}}}, EvaluateConfig())
        json_format.ParseDict(fields, config)
        return that_matters(config).SerializeToString(deterministic=True)

    price = {"openai": {"endpoint": {"price": {"input": 1}}}}
    for same in ({"budget": {"maxUsd": 3}}, {"concurrency": 9}, price):
        assert key(**same) == key()
    for other in ({"depth": 3}, {"openai": {"endpoint": {"seed": 2}}}):
        assert key(**other) != key()


@pytest.mark.parametrize(("depth", "code"), [(75, 75), (1, 1), (15, 75)])
def test_exit_codes_and_nothing_published(depth: int, code: int, differences: str, tmp_path: Path) -> None:
    done = echo(*flags(differences, tmp_path / "out", f"{{depth: {depth}}}"))
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    assert not (tmp_path / "out" / "manifest.json").exists()


def test_work_that_stops_here_says_why_and_publishes_nothing(differences: str, tmp_path: Path) -> None:
    done = echo(*flags(differences, tmp_path / "out", "{depth: 3}"))
    assert done.returncode == 3
    last = json.loads(done.stderr.splitlines()[-1])
    assert (last["message"], last["stops"]) == ("no better than before", True)
    assert not (tmp_path / "out" / "manifest.json").exists()


def test_a_note_is_handed_over_and_found_again(differences: str, tmp_path: Path) -> None:
    for note in ("a" * 600, "another one"):  # finished work keeps its note
        done = echo(*flags(differences, tmp_path / "out"), ECHO_NOTE=note)
        assert json.loads(done.stdout)["note"] == "a" * 500


def test_an_unknown_log_level_is_bad_input(differences: str, tmp_path: Path) -> None:
    done = echo(*flags(differences, tmp_path / "out"), SQ_LOG_LEVEL="LOUD")
    assert done.returncode == 2
    assert "there is no level 'LOUD'; give one of DEBUG, INFO, WARNING, ERROR" in json.loads(done.stderr)["message"]


@pytest.mark.parametrize(("level", "lines"), [("WARNING", False), ("info", True), ("", True)])
def test_a_log_level_leaves_out_what_is_below_it(level: str, lines: bool, differences: str, tmp_path: Path) -> None:
    done = echo(*flags(differences, tmp_path / "out"), SQ_LOG_LEVEL=level)
    assert done.returncode == 0
    assert bool(done.stderr) is lines


def test_logs_are_json_with_the_context(differences: str, tmp_path: Path) -> None:
    done = echo(*flags(differences, tmp_path / "out", "{}", "--shard=0/2"), SQ_TRY="3")
    events = [json.loads(line) for line in done.stderr.splitlines()]
    assert events
    for event in events:
        assert [event[name] for name in ("run", "market", "stage", "shard", "try")] == [
            "r1",
            "uk",
            "echo",
            "0/2",
            "3",
        ]


@pytest.mark.parametrize(("query_id", "of_4", "of_7"), [("q1", 2, 4), ("q2", 3, 4), ("größe", 3, 2)])
def test_shard_rule_is_the_one_of_every_language(query_id: str, of_4: int, of_7: int) -> None:
    """The Go test has the same rows."""
    for count, index in ((4, of_4), (7, of_7)):
        assert [i for i in range(count) if Shard(i, count).contains(query_id)] == [index]


def test_looking_for_finished_work_leaves_no_folder(tmp_path: Path) -> None:
    done = echo(*flags(wrong_type(tmp_path), tmp_path / "out"))
    assert done.returncode == 2
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("changed", ["sq_echo/__main__.py", "sq_echo/page.html"])
def test_another_program_is_other_work(changed: str, differences: str, tmp_path: Path) -> None:
    """Even if only a template, or a library of the stage, has changed."""
    copy = tmp_path / "copy"
    shutil.copytree(ECHO, copy)
    assert echo(*flags(differences, tmp_path / "out"), folder=copy).returncode == 0
    with (copy / changed).open("a") as file:
        file.write("# changed\n")
    done = echo(*flags(differences, tmp_path / "out"), folder=copy)
    assert done.returncode == 2
    assert "another configuration, program or input" in done.stderr
