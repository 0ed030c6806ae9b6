"""Ratings by people: formats, scales and errors."""

import pytest
from evaluate_market import product, query, verdicts
from hypothesis import given
from hypothesis import strategies as st

from sq.v1.evaluate_config_pb2 import (
    JUDGMENT_FORMAT_CSV,
    JUDGMENT_FORMAT_QRELS,
    RatingAggregation,
    RatingColumns,
    RatingScale,
)
from sq.v1.evaluate_config_pb2 import PeopleJudge as PeopleConfig
from sq_evaluate.judge import Case
from sq_evaluate.judges.people import PeopleJudge
from sq_evaluate.run import as_record
from sq_ratings.scale import Scale, rounded
from sq_stagekit import InputError

SRW = """{"name": "x", "judgmentRatings": [
    {"query": "usb hub", "ratings": [{"docId": "p1", "rating": "100.000"}, {"docId": "p2", "rating": "0.000"}]}]}"""
COLUMNS = RatingColumns(query="Suche", docid="SKU", rating="Note")
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
        ("qrels.tsv", "q42\t0\tp1\t4\nq42\t0\tp2\t0\n", {}),
        ("r.txt", "usb_hub 0 p1 4\nusb_hub 0 p2 0\n", {}),
        ("r.txt", "query;docid;rating\nusb hub;p1;4\nusb hub;p2;0\n", {}),
        ("r.tsv", "user_query\tproduct_id\tgrade\nusb hub\tp1\t4,0\nusb hub\tp2\t0,0\n", {}),
        ("r.csv", "Suche;SKU;Note\nusb hub;p1;4\nusb hub;p2;0\n", {"columns": COLUMNS}),
        (
            "r.ndjson",
            '{"query": "usb hub", "docid": "p1", "rating": 4}\n{"query": "usb hub", "docid": "p2", "rating": 0}\n',
            {},
        ),
        (
            "r.json",
            '[{"q": {"text": "usb hub"}, "docid": "p1", "rating": 4},\n'
            '{"q": {"text": "usb hub"}, "docid": "p2", "rating": 0}]',
            {"columns": RatingColumns(query="q.text")},
        ),
        ("r.json", SRW, {"scale_max": 100}),
        ("r.txt", SRW, {"scale_max": 100}),
        ("r.json", '{"hits": {"hits": [{"_id": "1", "_source": ' + SRW + "}]}}", {"scale_max": 100}),
        # As Quepid exports them, now and before: a query without documents, and a row that ends early.
        ("r.csv", "query,docid,rating\nusb hub,p1,4\nusb hub,p2,0\nusb hub,p3,\nlamp,,\n", {}),
        ("r.csv", "query,docid,rating\nusb hub,p1,4\nusb hub,p2,0\nlamp\n", {}),
        # As sq judge writes them.
        (
            "r.csv",
            "query,docid,judgment,reasons\nusb hub,p1,4,\nusb hub,p2,0,OFF_TOPIC\nusb hub,p3,,FAILED:UNJUDGED\n",
            {},
        ),
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
    assert [grade(n, scale_max) for n in range(scale_max + 1)] == expected


def grade(rating, scale_max):
    return rounded(Scale.of(PeopleConfig(scale_max=scale_max)).grade(str(rating)))


@given(st.integers(1, 100).flatmap(lambda top: st.tuples(st.just(top), st.integers(0, top))))
def test_a_scale_keeps_its_ends_and_its_order(case):
    top, value = case
    assert (grade(0, top), grade(top, top)) == (0, 4)
    assert grade(max(value - 1, 0), top) <= grade(value, top)
    assert abs(grade(value, top) - 4 * value / top) <= 0.5


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("r.csv", "query,docid,rating\nusb hub,p1,9\n", r"r\.csv:2.*'9'.*0 to 4.*scale_max"),
        ("r.csv", "query,docid,rating\nusb hub,p1,-1\n", r"r\.csv:2"),
        ("r.csv", "query,docid,rating\nusb hub,p1,²\n", r"r\.csv:2"),
        ("r.csv", "query,docid,rating\nusb hub,p1\n", "contains no ratings"),
        ("r.csv", "query,docid,rating\nusb hub,,4\n", r"r\.csv:2.*rating and no docid"),
        ("r.csv", "query,rating\nusb hub,4\n", r"r\.csv:2.*docid"),
        ("r.csv", "query,docid,rating\nusb hub,p1,4\nUSB hub,p1,3\n", r"r\.csv:3.*again"),
        ("r.csv", "query,docid,rating\n", "contains no ratings"),
        ("r.qrels", "usb_hub 0 p1 4\nusb_hub 0 p2\n", r"r\.qrels:2.*3 fields"),
        ("r.qrels", "usb_hub 0 p1 x\n", r"r\.qrels:1"),
        (
            "r.qrels",
            "usb_hub 0 p1 E\nusb_hub 0 p2 I\n",
            r"'E' is not a number; neither can be mapped: 'I'; .*values: \{'E': …, 'I': …\}",
        ),
        ("r.qrels", "usb_hub 0 p1 1\nusb_hub 0 p2 -2\n", r"r\.qrels:2.*'-2' is not on the scale 0 to 4"),
        ("r.csv", "query,docid,rating\nusb hub,p1,nan\n", "'nan' is not a number"),
        ("r.csv", "query,docid,rating\nusb hub,p1,4\nUSB hub,p1,3\n", r"set people\.aggregation"),
        ("r.json", '{"judgmentRatings": [{"query": "x"}]}', "without a text or ratings"),
        ("r.json", '{"judgmentRatings": [{"query": "x", "ratings": [{"rating": 1}]}]}', "without a docId"),
        ("r.json", '{"judgmentRatings": [', "not valid JSON"),
    ],
)
def test_broken_ratings_are_refused(tmp_path, name, text, message):
    with pytest.raises(InputError, match=message):
        judge(tmp_path, text, name)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match=r"people\.uri"):
        PeopleJudge.read(PeopleConfig(uri=str(tmp_path / "none.csv")))


ESCI = {"E": 4, "S": 3, "C": 1, "I": 0}


@pytest.mark.parametrize(
    ("ratings", "config", "expected"),
    [
        (["3.0", "2.0", "0.0"], {}, [3, 2, 0]),
        (["3", "2.33", "1.67"], {"scale": RatingScale(min=1, max=3)}, [4, 3, 1]),
        (["5", "3", "1"], {"scale": RatingScale(min=1, max=5)}, [4, 2, 0]),
        (["1.0", "0.7", "0.0"], {"scale_max": 1}, [4, 3, 0]),
        (["1", "-1", "0"], {"scale": RatingScale(min=-1, max=1)}, [4, 0, 2]),
        (["E", "s", "I"], {"values": ESCI}, [4, 3, 0]),
        (["Exact", "PARTIAL", " irrelevant "], {"values": {"exact": 4, "partial": 2, "irrelevant": 0}}, [4, 2, 0]),
        (["100.000", "10.000", "1.000"], {"values": {"100": 4, "10": 2, "1": 1, "0": 0}}, [4, 2, 1]),
        (["2", "-2", "1"], {"scale_max": 2, "values": {"-2": 0}}, [4, 0, 2]),
    ],
)
def test_ratings_are_mapped_by_values_and_scale(tmp_path, ratings, config, expected):
    rows = "".join(f"usb hub,p{number},{rating}\n" for number, rating in enumerate(ratings, start=1))
    given_judge = judge(tmp_path, "query,docid,rating\n" + rows, **config)
    assert [found for _, found in grades(given_judge)] == expected


@pytest.mark.parametrize(
    ("aggregation", "expected"),
    [("MEAN", 2), ("MEDIAN", 3), ("MIN", 0), ("MAX", 4), ("MAJORITY", 3)],
)
def test_several_raters_give_one_grade(tmp_path, aggregation, expected):
    rows = "".join(f"usb hub,p1,{rating}\n" for rating in ("4", "3", "", "0", "3", "1"))
    how = RatingAggregation.Value(f"RATING_AGGREGATION_{aggregation}")
    assert grades(judge(tmp_path, "query,docid,rating\n" + rows, aggregation=how))[0] == ("p1", expected)


@pytest.mark.parametrize(
    ("ratings", "aggregation", "expected"),
    [(("4", "3"), "MEDIAN", 3), (("4", "3"), "MEAN", 4), (("4", "1", "1", "4"), "MAJORITY", 1), (("4", "4"), None, 4)],
)
def test_ties_between_raters(tmp_path, ratings, aggregation, expected):
    rows = "".join(f"usb hub,p1,{rating}\n" for rating in ratings)
    how = {"aggregation": RatingAggregation.Value(f"RATING_AGGREGATION_{aggregation}")} if aggregation else {}
    assert grades(judge(tmp_path, "query,docid,rating\n" + rows, **how))[0] == ("p1", expected)


def test_a_mean_is_taken_before_grades_are_rounded(tmp_path):
    text = "query,docid,rating\nusb hub,p1,2.33\nusb hub,p1,2.67\n"
    mean = RatingAggregation.Value("RATING_AGGREGATION_MEAN")
    assert grades(judge(tmp_path, text, scale=RatingScale(min=1, max=3), aggregation=mean))[0] == ("p1", 3)


@pytest.mark.parametrize(
    ("name", "topics"),
    [
        ("topics.txt", "20:usb hub\n21:lamp\n"),
        ("topics.txt", "20\tusb hub\n21\tlamp\n"),
        ("topics.csv", "query_id,query,class\n20,usb hub,x\n21,lamp,y\n"),
        ("topics.tsv", "ID\tTitle\n20\tusb hub\n21\tlamp\n"),
        ("topics.ndjson", '{"qid": 20, "text": "usb hub"}\n{"qid": 21, "text": "lamp"}\n'),
    ],
)
@pytest.mark.parametrize(
    ("file", "ratings"),
    [
        ("r.qrels", "20 0 p1 4\n20 0 p2 0\n21 0 p1 2\n"),
        ("label.csv", "id\tquery_id\tproduct_id\tlabel\n0\t20\tp1\t4\n1\t20\tp2\t0\n2\t21\tp1\t2\n"),
    ],
)
def test_topic_numbers_stand_for_texts(tmp_path, name, topics, file, ratings):
    (tmp_path / name).write_text(topics)
    given_judge = judge(tmp_path, ratings, file, topics_uri=str(tmp_path / name))
    assert grades(given_judge) == [("p1", 4), ("p2", 0), ("p3", "UNJUDGED")]


def test_a_topic_without_a_text_is_refused(tmp_path):
    (tmp_path / "topics.txt").write_text("21:lamp\n")
    with pytest.raises(
        InputError, match=r"r\.qrels:1: topic '20' is not in .*topics\.txt; add it to people\.topics_uri"
    ):
        judge(tmp_path, "20 0 p1 4\n", "r.qrels", topics_uri=str(tmp_path / "topics.txt"))


def test_a_scale_that_no_rating_reaches_the_top_of_is_questioned(tmp_path, caplog):
    judge(tmp_path, "query,docid,rating\nusb hub,p1,1\nusb hub,p2,0\n")
    (record,) = caplog.records
    assert "top of the scale" in record.getMessage()
    assert (record.highest_grade, record.scale) == ("1", "0 to 4")
