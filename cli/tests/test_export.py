"""`sq export`: judgments of a run or of a file in, the form of another tool out."""

import csv
import sys

import pytest
from judged_run import write_run

from sq_cli import __main__ as program
from sq_cli.calibrate.labels import read_labels


def sq(monkeypatch, *words):
    monkeypatch.setattr(sys, "argv", ["sq", "export", *map(str, words)])
    return program.main()


def test_the_judgments_of_a_run(tmp_path, monkeypatch):
    run = write_run(tmp_path / "run", queries=3)
    assert sq(monkeypatch, run, "--out", tmp_path / "j.csv") == 0
    with (tmp_path / "j.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["query"], row["docid"], row["rating"], row["judge"]) for row in rows[:2]] == [
        ("hat 0", "a", "4", "people/a"),
        ("hat 0", "b", "0", "people/a"),
    ]
    assert len(rows) == 6


@pytest.mark.parametrize("name", ["j.qrels", "j.json", "j.csv", "j.parquet"])
def test_what_is_written_is_read_as_the_same(tmp_path, monkeypatch, name):
    given = tmp_path / "given.csv"
    given.write_text("query,docid,rating\nred hat,p1,E\nred hat,p2,I\nblue hat,p1,S\n")
    assert sq(monkeypatch, given, "--people", "{values: {E: 4, S: 3, I: 0}}", "--out", tmp_path / name) == 0
    expected = {("red hat", "p1"): 4, ("red hat", "p2"): 0, ("blue hat", "p1"): 3}
    assert read_labels(tmp_path / name, "{}", []).grades == expected


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--out", "j.xlsx"], "cannot tell the format of j.xlsx"),
        (["--out", "j.csv", "--format", "xml"], "there is no format 'xml'"),
        (["--out", "j.csv", "--market", "de"], "no 'de', only uk"),
    ],
)
def test_what_cannot_be_written(tmp_path, monkeypatch, capsys, words, says):
    run = write_run(tmp_path / "run", queries=3)
    monkeypatch.chdir(tmp_path)
    assert sq(monkeypatch, run, *words) == 2
    assert says in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "j.csv").exists()
