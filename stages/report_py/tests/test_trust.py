"""Signs of how far the judge can be relied on: summed over artefacts, in report.json and in the notes."""

import json

import pytest
from synthetic import records, report
from synthetic_case import Case

from sq.v1.judgment_pb2 import (
    PICTURE_PROBLEM_NONE,
    PICTURE_PROBLEM_TOO_SLOW,
    Canary,
    JudgeTrust,
    JudgingRecord,
    WithoutPicture,
)
from sq.v1.report_pb2 import RunReport
from sq_report.market_report import report_market
from sq_report.page import render_json, render_page
from sq_report.settings import Settings

CASES = [Case("a one", [4, 2])]
JUDGE = "openai/m/facets-1-1a2b3c4d"


def canary(query_id, moved):
    return Canary(
        query_id=query_id, product_id="p", attack="authority", asked_grade=4, attacked_grade=4 * moved, moved=moved
    )


def reported(*trust):
    made = records(CASES, judge=JUDGE)
    made.judgments += [JudgingRecord(trust=one) for one in trust]
    return report_market("uk", made.read(), Settings())


def test_shards_and_probes_are_summed_in_any_order():
    one = JudgeTrust(faceted=3, supported=2, quotes=9, invented_quotes=1, canaries=[canary("q2", moved=True)])
    two = JudgeTrust(faceted=7, supported=7, quotes=11, canaries=[canary("q1", moved=False)])
    assert reported(one, two) == reported(two, one)
    trust = reported(one, two).trust
    assert (trust.faceted, trust.supported, trust.quotes, trust.invented_quotes) == (10, 9, 20, 1)
    assert [one.query_id for one in trust.canaries] == ["q1", "q2"]


def test_pictures_are_summed_by_reason():
    def of(problem, judgments):
        return WithoutPicture(problem=problem, judgments=judgments)

    one = JudgeTrust(with_picture=3, without_picture=[of(PICTURE_PROBLEM_TOO_SLOW, 2)])
    two = JudgeTrust(with_picture=4, without_picture=[of(PICTURE_PROBLEM_NONE, 5), of(PICTURE_PROBLEM_TOO_SLOW, 1)])
    trust = reported(one, two).trust
    assert trust.with_picture == 7
    assert list(trust.without_picture) == [of(PICTURE_PROBLEM_NONE, 5), of(PICTURE_PROBLEM_TOO_SLOW, 3)]


@pytest.mark.parametrize(
    ("trust", "says"),
    [
        (
            JudgeTrust(canaries=[canary("q1", moved=True), canary("q2", moved=False)]),
            "The judge can be talked into grades: 1 of 2 canaries. "
            f"The grades of {JUDGE} followed an instruction that was hidden in a product's text.",
        ),
        (
            JudgeTrust(canaries=[canary("q1", moved=False)]),
            "No canary of 1 moved: instructions hidden in a product's text changed no grade.",
        ),
        (
            JudgeTrust(faceted=8, supported=6, quotes=30, invented_quotes=3),
            "Right for the right reason: 75.0% of 8 judgments. The others quote words that the product does not "
            "contain, or lack a quote (3 of 30 quotes are invented).",
        ),
        (
            JudgeTrust(with_picture=8, without_picture=[WithoutPicture(problem=PICTURE_PROBLEM_TOO_SLOW, judgments=2)]),
            "2 of 10 judgments were made without the product's picture: 2 too slow.",
        ),
    ],
)
def test_page_terminal_and_json_say_it(trust, says):
    found = reported(trust)
    assert says in found.notes
    page = render_page(RunReport(markets=[found])).decode().replace("&#39;", "'")
    assert says in page
    assert ("<dt>Canaries</dt>" in page) is bool(trust.canaries)
    assert ("<dt>Right for the right reason</dt>" in page) is bool(trust.faceted)
    assert json.loads(render_json(found))["trust"]["faceted"] == str(trust.faceted)


def test_a_judge_without_such_signs_has_no_figure():
    found = report(CASES)
    assert not found.HasField("trust")
    assert not any("canar" in note or "right reason" in note for note in found.notes)
