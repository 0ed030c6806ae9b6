"""Clicks beside judgments, from the table of clicks to the page."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click_logs import event, search, write
from html_outline import Page
from synthetic import records
from synthetic_case import Case
from test_stages import publish_all, report_market

from sq.v1.clicks_pb2 import ClickDisagreementKind
from sq.v1.report_pb2 import MarketReport
from sq_handoff import ArtefactReader
from sq_report.clicks.disagreements import Clicked, adjust, compare

CLICKED = ClickDisagreementKind.CLICK_DISAGREEMENT_KIND_CLICKED
PASSED_OVER = ClickDisagreementKind.CLICK_DISAGREEMENT_KIND_PASSED_OVER
CASES = [Case("dress", [4, 4, 0, 1]), Case("shirt", [4, 3, 0, 1]), Case("hat", [4, 2])]
# What customers think of the dresses: the judge is wrong about the third. Of shirts it is right.
TASTE = {"dress": [0.3, 0.3, 0.6, 0.05], "shirt": [0.5, 0.4, 0.05, 0.1]}


def log_of(path: Path, searches: int = 500) -> Path:
    random = np.random.default_rng(5)
    documents = []
    for case in CASES[:2]:
        for number in range(searches):
            order = random.permutation(4)
            identity = f"{case.text}{number}"
            documents.append(search(identity, case.text, [case.product_ids()[place] for place in order]))
            for position, place in enumerate(order):
                if random.random() < TASTE[case.text][place] / (1 + position):
                    documents.append(event(identity, "click", case.product_ids()[place], position + 1))
    return write(path, documents)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clicks")
    log = log_of(folder / "clicks.ndjson")
    config = f'{{"resamples": 100, "clicks": {{"uri": ["{log}"], "format": "FILE_FORMAT_UBI"}}}}'
    inputs = publish_all(folder, records(CASES))
    assert report_market(folder / "out", "uk", inputs, f"--config={config}") == 0
    return folder / "out"


@pytest.fixture(scope="module")
def report(made: Path) -> MarketReport:
    (only,) = ArtefactReader.open(str(made), MarketReport)
    return only


def test_the_market(report: MarketReport) -> None:
    clicks = report.clicks
    assert (clicks.searches, clicks.impressions, clicks.queries) == (1000, 4000, 2)
    assert [one.grade for one in clicks.grades] == [4, 3, 2, 1, 0]
    assert [one.pairs for one in clicks.grades] == [3, 1, 0, 2, 2]
    assert [one.examination for one in clicks.positions] == pytest.approx([1, 1 / 2, 1 / 3, 1 / 4], abs=0.07)
    assert sum(one.clicks for one in clicks.positions) == clicks.clicks


def test_each_query(report: MarketReport) -> None:
    by_text = {score.text: score for score in report.queries}
    assert not by_text["hat"].HasField("clicks")
    dress, shirt = by_text["dress"].clicks, by_text["shirt"].clicks
    assert dress.searches == shirt.searches == 500
    assert shirt.rank_correlation > 0.6 > dress.rank_correlation
    rates = {one.product_id: one.rate for one in dress.products}
    for product, taste in zip(CASES[0].product_ids(), TASTE["dress"], strict=True):
        assert rates[product].value == pytest.approx(taste, abs=0.08)
        assert rates[product].low < rates[product].value < rates[product].high


def test_judge_and_clicks_disagree_where_the_judge_is_wrong(report: MarketReport) -> None:
    first, *more = report.clicks.disagreements
    assert (first.text, first.product.product_id, first.kind) == ("dress", CASES[0].product_ids()[2], CLICKED)
    assert first.title == "Product 3"
    assert first.others.value == pytest.approx(0.3, abs=0.05)
    assert {one.text for one in more} <= {"dress"}
    assert "Judge and clicks disagree on" in " ".join(report.notes)


def test_the_page(made: Path) -> None:
    page = Page((made / "report.html").read_bytes())
    assert (3, "Clicks") in page.headings
    assert (4, "Judge and clicks disagree") in page.headings
    for table in page.tables:
        assert all(len(row) == len(table.head) for row in table.rows), table.caption


BAD = {
    "no file": ('{"clicks": {}}', "clicks.uri"),
    "another format": ('{"clicks": {"uri": ["x"], "format": "FILE_FORMAT_CSV"}}', "clicks.format"),
    "a missing file": ('{"clicks": {"uri": ["missing.ndjson"]}}', "clicks.uri[0]: there is no file"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_configuration_ends_with_2(case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config, said = BAD[case]
    inputs = publish_all(tmp_path, records(CASES))
    assert report_market(tmp_path / "out", "uk", inputs, f"--config={config}") == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out/manifest.json").exists()


COMPARED = {
    "the same rate": ([(0, 10, 100), (4, 10, 100)], []),
    "a poor one clicked more": ([(0, 40, 100), (4, 10, 100)], [CLICKED, PASSED_OVER]),
    "a poor one clicked less": ([(0, 2, 100), (4, 40, 100)], []),
    "more clicks for being seen more": ([(1, 40, 400), (4, 10, 100)], []),
    "too few to tell": ([(0, 2, 3), (4, 1, 10)], []),
    "nothing to compare with": ([(0, 40, 100), (3, 1, 100)], []),
    "grades between are left out": ([(0, 10, 100), (4, 10, 100), (2, 90, 100)], []),
}


@pytest.mark.parametrize("case", COMPARED)
def test_disagreements(case: str) -> None:
    products, expected = COMPARED[case]
    found = adjust(compare([Clicked(n, grade, clicks, seen) for n, (grade, clicks, seen) in enumerate(products)]))
    assert [one.kind for one in found if one.q_value <= 0.05] == expected


def test_agreement_is_seldom_called_disagreement() -> None:
    random = np.random.default_rng(1)
    claims = 0
    for _ in range(200):
        seen = random.uniform(20, 200, 10)
        clicks = random.poisson(0.1 * seen)
        drawn = [Clicked(n, 4 * (n % 2), int(clicks[n]), seen[n]) for n in range(10)]
        claims += any(one.q_value <= 0.05 for one in adjust(compare(drawn)))
    assert claims <= 15
