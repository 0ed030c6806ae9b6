"""`sq audit`: a finished run and a second judge in, what that judge would say of all queries out."""

import json
import sys

import pytest
from judged_run import write_run

from sq_cli import __main__ as program

QUERIES = 12
# By people, the first product of every second query is wrong.
PEOPLE = [4 * (n % 2) for n in range(QUERIES)]


@pytest.fixture
def run(tmp_path):
    return write_run(tmp_path / "run", QUERIES)


@pytest.fixture
def people(tmp_path):
    def write(queries):
        rows = [f"hat {n},a,{PEOPLE[n]}\nhat {n},b,4\n" for n in queries]
        path = tmp_path / "people.csv"
        path.write_text("query,docid,rating\n" + "".join(rows))
        return f"{{people: {{uri: {path}}}}}"

    return write


def sq(monkeypatch, *words):
    monkeypatch.setattr(sys, "argv", ["sq", "audit", *map(str, words)])
    return program.main()


def test_an_audit_of_every_query_says_what_its_judge_says(run, people, monkeypatch, capsys):
    assert sq(monkeypatch, run, "--judge", people(range(QUERIES)), "--json") == 0
    (found,) = json.loads(capsys.readouterr().out)
    # The ideal puts b first; where a is wrong, b stands on rank 2.
    expected = (1 + 0.63093) / 2
    assert found["estimate"]["value"] == pytest.approx(expected, abs=1e-4)
    assert found["estimate"]["low"] == pytest.approx(expected, abs=1e-4)
    assert found["estimate"]["first"] == 1
    assert {row["probability"] for row in found["audited"]} == {1}


def test_a_part_of_the_queries_gives_an_interval(run, people, monkeypatch, capsys):
    assert sq(monkeypatch, run, "--judge", people(range(QUERIES)), "--queries", 6) == 0
    text = capsys.readouterr().out
    assert "12 judged queries, by traffic. 6 were audited" in text


def test_a_judge_that_leaves_queries_out_is_refused(run, people, monkeypatch, capsys):
    assert sq(monkeypatch, run, "--judge", people(range(3)), "--queries", 12) == 2
    assert "of 12 queries without a grade" in capsys.readouterr().err
