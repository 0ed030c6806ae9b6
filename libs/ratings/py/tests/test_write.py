"""Judgments that are written are read as the same."""

import json

import pytest

from sq.v1.evaluate_config_pb2 import PeopleJudge
from sq_ratings import FORMS, Judged, Scale, collect, query_key, read_ratings, write_judgments
from sq_stagekit import InputError

ROWS = [
    Judged("usb hub", "p1", 4, "baseline/1"),
    Judged("usb hub", "p-2", 0, "openai/m/x", 0.75, "OFF_TOPIC TAG_MISMATCH:COLOUR=red"),
    Judged('grüner "Stuhl", 80 cm', "3", 2),
    Judged("日本 机", "a,b", 3),
    Judged("usb hub", "p4", 1),
]
EXTENSIONS = {"csv": "csv", "parquet": "parquet", "qrels": "qrels", "quepid": "csv", "srw": "json"}


def read(path):
    config = PeopleJudge(uri=str(path))
    return collect(read_ratings(config), Scale.of(config), config.aggregation, query_key)


@pytest.mark.parametrize("form", FORMS)
def test_round_trip(tmp_path, form):
    path = tmp_path / f"judgments.{EXTENSIONS[form]}"
    write_judgments(path, form, ROWS)
    assert read(path) == {(query_key(row.query), row.docid): row.rating for row in ROWS}
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_a_search_relevance_list_has_what_the_import_needs(tmp_path):
    path = tmp_path / "list.json"
    write_judgments(path, "srw", ROWS, name="november")
    body = json.loads(path.read_text(encoding="utf-8"))
    assert (body["name"], body["type"]) == ("november", "IMPORT_JUDGMENT")
    assert body["judgmentRatings"][0] == {
        "query": "usb hub",
        "ratings": [
            {"docId": "p1", "rating": "4.000"},
            {"docId": "p-2", "rating": "0.000"},
            {"docId": "p4", "rating": "1.000"},
        ],
    }


def test_who_judged_and_why_stay_in_a_table(tmp_path):
    write_judgments(tmp_path / "j.csv", "csv", ROWS)
    lines = (tmp_path / "j.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "query,docid,rating,judge,confidence,reasons"
    assert lines[2] == "usb hub,p-2,0,openai/m/x,0.75,OFF_TOPIC TAG_MISMATCH:COLOUR=red"


def test_what_a_form_cannot_hold_leaves_no_file(tmp_path):
    with pytest.raises(InputError, match="qrels cannot hold the product id 'p 1'"):
        write_judgments(tmp_path / "j.qrels", "qrels", [*ROWS, Judged("hat", "p 1", 1)])
    assert not list(tmp_path.iterdir())
    with pytest.raises(InputError, match="--out"):
        write_judgments(tmp_path / "no/j.csv", "csv", ROWS)
