"""How the whole stage ends on bad input, broken lines and SIGTERM."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from generate_shop import read, start, write_ndjson


def test_broken_lines_are_counted_and_left_out(shop, tmp_path):
    with Path(shop["log"]["uri"][0]).open("a") as log:
        log.write('{"user_query": "shirt"\n')
    summary = read(shop, tmp_path / "out")[0].summary
    assert (summary.rows, summary.broken_rows) == (108, 1)
    assert summary.broken_examples[0].startswith("log.ndjson:109: is not valid JSON")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"log": {"uri": ["/no/such.csv"]}}, "log.uri[0]: there is no file /no/such.csv"),
        ({"log": {"uri": ["EMPTY"]}}, "empty.ndjson contains no queries"),
        (
            {"log": {"uri": ["LOG"], "columns": {"query": "typed"}}},
            "log.columns.query: there is no column typed; there are user_query",
        ),
        (
            {"log": {"uri": ["LOG"], "start": "2024-01-01T00:00:00Z"}},
            "be read, such as log.ndjson:1: has no time",
        ),
        ({"log": {"uri": ["JUNK"]}}, "log: all 2 rows are junk: NO_LETTERS_OR_DIGITS 2"),
        ({"target_language": "de"}, "translation is needed where target_language differs"),
        ({"engine": "ENGINE_SPARK"}, "engine: this program does not include Spark"),
        ({"spark": {"master": "local[2]"}}, "spark needs engine: ENGINE_SPARK"),
        ({"ner_options": {"engine": "own"}}, "ner_options needs ner_address"),
        ({"ner_address": "localhost:1", "ner_options": {"tls": {"ca_file": "EMPTY"}}}, "ner_options.tls.ca_file: "),
        ({"colour": "red"}, "colour: there is no such field"),
        ({"catalogue": {"uri": "EMPTY"}}, "catalogue.uri: "),
    ],
)
def test_bad_input_ends_with_2_and_writes_nothing(shop, tmp_path, capfd, change, message):
    files = {
        "LOG": shop["log"]["uri"][0],
        "EMPTY": write_ndjson(tmp_path / "empty.ndjson", []),
        "JUNK": write_ndjson(tmp_path / "junk.ndjson", [{"user_query": "?"}] * 2),
    }
    text = json.dumps({**shop, **change})
    for name, path in files.items():
        text = text.replace(f'"{name}"', json.dumps(path))
    assert start(json.loads(text), tmp_path / "out") == 2
    assert message in json.loads(capfd.readouterr().err.splitlines()[-1])["message"]
    assert not (tmp_path / "out" / "manifest.json").exists()


def test_sigterm_stops_with_75(shop, tmp_path):
    rows = "".join(f'{{"user_query": "shirt {number}"}}\n' for number in range(150_000))
    Path(shop["log"]["uri"][0]).write_text(rows)
    command = [sys.executable, "-m", "sq_generate", "--run-id", "r", "--config", json.dumps(shop)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    child = subprocess.Popen([*command, "--output", str(tmp_path / "out")], env=environment, stderr=subprocess.PIPE)
    # The stage writes its first line to stderr after it has read the log. Tagging takes longer than reading.
    child.stderr.readline()
    child.terminate()
    child.stderr.read()
    assert child.wait(60) == 75
    assert not (tmp_path / "out" / "manifest.json").exists()


def _events(capfd):
    return [json.loads(line) for line in capfd.readouterr().err.splitlines() if line.startswith("{")]


@pytest.mark.parametrize(
    ("broken", "more", "code", "warnings"),
    [
        pytest.param(400, {}, 2, 2, id="four fifths"),
        pytest.param(400, {"max_unreadable_share": 0.9}, 0, 2, id="four fifths are allowed"),
        pytest.param(100, {"max_unreadable_share": 0.1}, 2, 2, id="more than allowed, and the first lines are broken"),
        pytest.param(20, {}, 0, 1, id="few"),
        pytest.param(20, {"alarm": {"warn_share": 0.1}}, 0, 1, id="few, with an alarm"),
    ],
)
def test_a_log_of_which_much_cannot_be_read(shop, tmp_path, capfd, broken, more, code, warnings):
    log = Path(shop["log"]["uri"][0])
    log.write_text('{"user_query": \n' * broken + log.read_text())
    assert start({**shop, **more}, tmp_path / "out") == code
    events = _events(capfd)
    told = [event["message"] for event in events if "lines of the log cannot be read" in event["message"]]
    assert [event["level"] for event in events if event["level"] == "error"] == ["error"] * (code == 2)
    assert len(told) == warnings + (code == 2)
    if code:
        assert f"{broken} of {broken + 108} lines of the log cannot be read" in told[-1]
        assert f"that is {broken / (broken + 108):.0%}" in told[-1]


def test_a_column_of_counts_that_no_row_has_is_named(shop, tmp_path, capfd):
    rows = [{"q": "red shirt", "n": 5}, {"q": "hat", "n": 2}]
    log = {"uri": [write_ndjson(tmp_path / "counts.ndjson", rows)], "columns": {"query": "q", "count": "nn"}}
    assert start({**shop, "log": log}, tmp_path / "out") == 2
    assert "log.columns.count: there is no column nn; there are n, q" in _events(capfd)[-1]["message"]
    log["columns"]["count"] = "n"
    assert start({**shop, "log": log}, tmp_path / "out") == 0


def test_a_log_of_junk_is_told(shop, tmp_path, capfd):
    with Path(shop["log"]["uri"][0]).open("a") as log:
        log.write('{"user_query": "???"}\n' * 500)
    assert start(shop, tmp_path / "out") == 0
    warnings = [event["message"] for event in _events(capfd) if event["level"] == "warning"]
    assert warnings == ["505 of 608 searches of the log are junk: NO_LETTERS_OR_DIGITS (502), EMPTY (2), URL (1)"]
