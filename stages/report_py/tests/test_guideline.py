"""What the judge was told about a query is shown with the query."""

from html_outline import Page
from synthetic import records
from synthetic_case import Case, Probed

from sq.v1.judgment_pb2 import Guideline, JudgingRecord
from sq.v1.report_pb2 import RunReport
from sq_report.market_report import report_market
from sq_report.page import render_page
from sq_report.run_facts import RunFacts
from sq_report.settings import Settings

TOLD = "Shoes to run in <b>"


def made(with_guidelines):
    cases = [
        Case(f"runing shoe {n}", [1, 0], [4], probes=[Probed("inflection", [4, 4], item="a → b")]) for n in range(12)
    ]
    given = records([*cases, *(Case(f"b {n}", [4]) for n in range(20))])
    if with_guidelines:
        texts = {"exact": "exact", "partial": "partial", "irrelevant": "irrelevant", "digest": "0" * 16, "judge": "j"}
        # Before the judgments of the query, or after them where a later work has it.
        for place, case in enumerate(cases):
            record = JudgingRecord(guideline=Guideline(query_id=case.query_id, wants=f"{TOLD} {case.text}", **texts))
            given.judgments.insert(1 if place % 2 else len(given.judgments), record)
    return report_market("uk", given.read(), Settings())


def examples(report):
    return [example for item in report.failure_classes for example in item.examples]


def test_each_example_has_what_the_judge_was_told_about_its_query():
    report = made(True)
    assert examples(report)
    assert all(one.guideline.wants == f"{TOLD} {one.text}" for one in examples(report))
    page = Page(render_page(RunReport(markets=[report], ranking=report.failure_classes), RunFacts("r", "now")))
    assert f"Wanted: {TOLD} {examples(report)[0].text}" in page.text
    assert not page.all("b")


def test_a_judge_without_guidelines_shows_none():
    report = made(False)
    assert examples(report)
    assert not any(one.HasField("guideline") for one in examples(report))
    page = Page(render_page(RunReport(markets=[report], ranking=report.failure_classes), RunFacts("r", "now")))
    assert "What the judge was told" not in page.text
