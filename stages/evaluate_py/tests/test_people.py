"""Ratings by people: formats, scales and errors."""

import pytest
from evaluate_market import product, query, verdicts
from hypothesis import given
from hypothesis import strategies as st

from sq.v1.evaluate_config_pb2 import JUDGMENT_FORMAT_CSV, JUDGMENT_FORMAT_QRELS
from sq.v1.evaluate_config_pb2 import PeopleJudge as PeopleConfig
from sq_evaluate.judge import Case
from sq_evaluate.judges.people import PeopleJudge, Rating, to_grade
from sq_evaluate.run import as_record
from sq_stagekit import InputError

PRODUCTS = tuple(product(name, name) for name in ("p1", "p2", "p3"))
QUERY = query("usb hub", query_id="q42")


def judge(tmp_path, text, name="ratings.csv", **config):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return PeopleJudge.read(PeopleConfig(uri=str(path), **config))


def grades(given_judge, asked=QUERY):
    return verdicts(as_record(outcome) for outcome in given_judge.judge(Case(asked, PRODUCTS)))


@pytest.mark.parametrize(
    ("name", "text", "config"),
    [
        ("r.csv", "query,docid,rating\nusb hub,p1,4\nusb hub,p2,0\n", {}),
        ("r.csv", "Rater,DOCID,Query,Rating\nx,p1,USB  Hub,4\nx,p2,usb hub,0\n", {}),
        ("r.txt", "query,docid,rating\nusb hub,p1,4\nusb hub,p2,0\n", {"format": JUDGMENT_FORMAT_CSV}),
        ("r.qrels", "usb_hub 0 p1 4\n\nusb_hub\t0\tp2\t0\n", {}),
        ("r.qrels", "q42 0 p1 4\nq42 0 p2 0\n", {}),
        ("r.csv", "q42 0 p1 4\nq42 0 p2 0\n", {"format": JUDGMENT_FORMAT_QRELS}),
    ],
)
def test_formats(tmp_path, name, text, config):
    given_judge = judge(tmp_path, text, name, **config)
    assert grades(given_judge) == [("p1", 4), ("p2", 0), ("p3", "UNJUDGED")]
    assert given_judge.name == f"people/{name}"


@pytest.mark.parametrize(
    ("scale_max", "expected"),
    [(3, [0, 1, 3, 4]), (4, [0, 1, 2, 3, 4]), (1, [0, 4]), (2, [0, 2, 4]), (8, [0, 1, 1, 2, 2, 3, 3, 4, 4])],
)
def test_scales_are_mapped_linearly_with_halves_up(scale_max, expected):
    assert [to_grade(Rating("f:1", "q", "p", str(n)), scale_max) for n in range(scale_max + 1)] == expected


@given(st.integers(1, 100).flatmap(lambda top: st.tuples(st.just(top), st.integers(0, top))))
def test_a_scale_keeps_its_ends_and_its_order(case):
    top, value = case
    at = lambda n: to_grade(Rating("f:1", "q", "p", str(n)), top)  # noqa: E731
    assert (at(0), at(top)) == (0, 4)
    assert at(max(value - 1, 0)) <= at(value)
    assert abs(at(value) - 4 * value / top) <= 0.5


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("r.csv", "query,docid,rating\nusb hub,p1,9\n", r"r\.csv:2.*'9'.*0 to 4.*scale_max"),
        ("r.csv", "query,docid,rating\nusb hub,p1,-1\n", r"r\.csv:2"),
        ("r.csv", "query,docid,rating\nusb hub,p1,²\n", r"r\.csv:2"),
        ("r.csv", "query,docid,rating\nusb hub,p1\n", r"r\.csv:2"),
        ("r.csv", "query,rating\nusb hub,4\n", r"r\.csv:2.*docid"),
        ("r.csv", "query,docid,rating\nusb hub,p1,4\nUSB hub,p1,3\n", r"r\.csv:3.*again"),
        ("r.csv", "query,docid,rating\n", "contains no ratings"),
        ("r.qrels", "usb_hub 0 p1 4\nusb_hub 0 p2\n", r"r\.qrels:2.*3 fields"),
        ("r.qrels", "usb_hub 0 p1 x\n", r"r\.qrels:1"),
    ],
)
def test_broken_ratings_are_refused(tmp_path, name, text, message):
    with pytest.raises(InputError, match=message):
        judge(tmp_path, text, name)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match=r"people\.uri"):
        PeopleJudge.read(PeopleConfig(uri=str(tmp_path / "none.csv")))
