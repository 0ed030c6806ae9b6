"""`sq calibrate`: labels in, how far a judge can be trusted out."""

import json
import sys
from io import StringIO

import pytest
from rich.console import Console

from sq_cli import __main__ as program
from sq_cli.calibrate import show
from sq_cli.calibrate.labels import read_labels
from sq_cli.calibrate.pairs import ProductFacts, length_groups, overlap
from sq_cli.calibrate.report import calibrate
from sq_stagekit.errors import InputError

TABLE = "query,docid,rater_1,rater_2,rating\nRed Hat,p1,3,3,3\nred hat,p2,0,,0\nblue hat,p1,1,0,0\n"


@pytest.fixture
def written(tmp_path):
    def write(text, name="labels.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_labels_have_the_final_rating_and_those_of_people_on_the_files_own_scale(written):
    labels = read_labels(written(TABLE), "{}", [])
    assert labels.scale == "0 to 3"
    assert labels.grades == {("red hat", "p1"): 4, ("red hat", "p2"): 0, ("blue hat", "p1"): 0}
    assert labels.people["rater_1"] == {("red hat", "p1"): 4, ("red hat", "p2"): 0, ("blue hat", "p1"): 1}
    assert ("red hat", "p2") not in labels.people["rater_2"]


@pytest.mark.parametrize(
    ("text", "name", "settings", "grade"),
    [
        ("query,docid,rating\nhat,p1,4\n", "a.csv", "{}", 4),
        ("query,docid,rating\nhat,p1,1\nhat,p2,0\n", "a.csv", "{}", 4),
        ("query,docid,rating\nhat,p1,1.0\nhat,p2,0.0\n", "a.csv", "{}", 4),
        ("query,docid,rating\nhat,p1,1\n", "a.csv", "{scale_max: 4}", 1),
        ("query,docid,rating\nhat,p1,E\n", "a.csv", "{values: {E: 4}}", 4),
        ("hat 0 p1 2\n", "a.qrels", "{scale_max: 4}", 2),
    ],
)
def test_forms_and_scales(written, text, name, settings, grade):
    assert read_labels(written(text, name), settings, []).grades["hat", "p1"] == grade


@pytest.mark.parametrize(
    ("text", "settings", "raters", "says"),
    [
        ("query,docid,rating\nhat,p1,\n", "{}", [], "contains no ratings"),
        (TABLE, "{}", ["rater_9"], "rater_9"),
        (TABLE, "{scales: 3}", [], "scales"),
    ],
)
def test_labels_that_cannot_be_used(written, text, settings, raters, says):
    with pytest.raises(InputError, match=says):
        read_labels(written(text), settings, raters)


def test_people_stand_beside_the_judge(written):
    labels = read_labels(written(TABLE), "{}", [])
    judged = {("red hat", "p1"): 4, ("red hat", "p2"): 3}
    found = calibrate(labels, judged, lambda pair: "all", lambda pair: pair[1])
    assert (found.pairs, found.unjudged, found.judge.pairs) == (3, 1, 2)
    assert found.judge.exact.value == 0.5
    assert [(part.group, part.agreement.pairs) for part in found.people] == [("rater_1", 3), ("rater_2", 2)]
    assert [(part.group, part.agreement.exact.value) for part in found.between] == [("rater_1 and rater_2", 0.5)]
    assert [part.group for part in found.by_length] == ["p1", "p2"]


def test_groups_of_pairs():
    facts = {f"p{n}": ProductFacts(n, frozenset(["red", "hat"])) for n in range(6)}
    assert length_groups(facts) == dict(zip(facts, ["short", "short", "middle", "middle", "long", "long"], strict=True))
    queries = {"blue shoe": "none", "red shoe": "some", "the red hats": "all"}
    assert {query: overlap(query, facts["p1"], "en") for query in queries} == queries


def test_the_tables_name_all_that_is_compared(written, monkeypatch):
    file = StringIO()
    monkeypatch.setattr(show, "out", Console(file=file, width=100, highlight=False))
    labels = read_labels(written(TABLE), "{}", [])
    show.print_calibration("baseline", calibrate(labels, {("red hat", "p1"): 4, ("red hat", "p2"): 3}, str, str))
    text = file.getvalue()
    for said in (
        "1 of 3 pairs were not judged",
        "baseline, labels",
        "rater_1 and rater_2",
        "baseline, rater_1",
        "0 to 3",
    ):
        assert said in text


@pytest.mark.parametrize(("floor", "code"), [("-1", 0), ("1", 3)])
def test_the_command_rates_the_labels_and_fails_below_a_floor(tmp_path, written, monkeypatch, capsys, floor, code):
    wrong = TABLE.replace("blue hat,p1,1,0,0", "blue hat,p1,3,3,3")
    catalogue = tmp_path / "shop.ndjson"
    shop = [{"id": "p1", "title": "Red hat"}, {"id": "p2", "title": "Blue shoe"}]
    catalogue.write_text("\n".join(map(json.dumps, shop)), encoding="utf-8")
    arguments = ["--judge", "baseline", "--labels", str(written(wrong)), "--catalogue", str(catalogue)]
    monkeypatch.setattr(sys, "argv", ["sq", "calibrate", *arguments, "--json", "--min-kappa", floor])
    assert program.main() == code
    found = json.loads(capsys.readouterr().out)
    assert (found["pairs"], found["unjudged"]) == (3, 0)
    assert found["judge"]["exact"]["value"] == pytest.approx(2 / 3)
