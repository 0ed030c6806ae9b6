"""The page's structure, what it says, and that nothing in a record gets out of its place."""

import json

import pytest
from google.protobuf import json_format
from html_outline import Page
from markets import PLANTED, healthy, planted
from synthetic import Case, report

from sq.v1.judgment_pb2 import Reason, ReasonCode
from sq.v1.report_pb2 import MarketReport, RunReport
from sq_report.consolidate import consolidate
from sq_report.page import render_json, render_page
from sq_report.settings import Settings
from sq_report.wording import embedded_image, image_link


def page(*markets: MarketReport) -> Page:
    return Page(render_page(consolidate(markets)))


def test_outline() -> None:
    made = page(report(planted(1), Settings(resamples=50)))
    upper = [heading for heading in made.headings if heading[0] < 4]
    assert upper == [
        (1, "Search quality"),
        (2, "Market uk"),
        (3, "Before using the numbers"),
        (3, "What fails"),
        (3, "Segments"),
        (3, "Queries that lose without a known cause"),
        (3, "What was measured"),
        (2, "Reading this page"),
    ]
    assert len([level for level, _ in made.headings if level == 4]) == len(PLANTED)


def test_tables() -> None:
    made = page(report(planted(1), Settings(resamples=50)))
    ranking, segments, unexplained, coverage, accounting = made.tables[:1] + made.tables[-4:]
    assert ranking.head[:5] == ["Rank", "What fails", "Kind", "Traffic lost", "Queries"]
    assert len(ranking.rows) == len(PLANTED)
    assert {row[2] for row in ranking.rows} == {
        "Retrieval failed",
        "Lost in translation",
        "Cannot be found",
        "Word not recognised",
        "Attribute wrong or missing",
    }
    assert segments.head[:2] == ["Segment", "Mean judgment"]
    assert [row[0] for row in coverage.rows] == ["head", "torso", "tail"]
    assert accounting.rows[0] == ["Queries chosen", "210", "210", "0"]
    assert accounting.rows[1] == ["Queries searched", "210", "192", "18"]
    assert unexplained.caption.startswith("The 20 queries")
    for table in made.tables:
        assert table.caption
        assert all(len(row) == len(table.head) for row in table.rows)


def test_the_figures_are_those_of_the_report() -> None:
    made = page(report([Case(f"a {n}", [4, 4, 0, 0], [4]) for n in range(5)]))
    row = made.tables[-4].rows[0] if made.tables[-1].caption.startswith("Accounting") else []
    ndcg = (4 + 4 / 1.5849625) / (4 + 4 / 1.5849625 + 4 / 2)
    assert f"{ndcg:.2f} [{ndcg:.2f}, {ndcg:.2f}]" in row
    assert "2.00 [2.00, 2.00]" in row
    assert f"{100 * (1 - ndcg):.2f}% [{100 * (1 - ndcg):.2f}%, {100 * (1 - ndcg):.2f}%]" in row


def test_small_samples_stand_in_brackets_without_interval() -> None:
    made = page(report([Case("a 1", [4]), Case("b 1", [2], [4])]))
    segments = next(table for table in made.tables if table.caption.startswith("Segments"))
    assert [row[:3] for row in segments.rows] == [["b", "(2.00)", "(0.38)"], ["a", "(4.00)", "(1.00)"]]


def test_what_a_reader_must_know() -> None:
    made = page(report([Case("a 1", [None, 0]), Case("b 1", [])], judge="baseline/1", tail=["b"]))
    text = " ".join(made.text.split())
    for said in (
        "The judge is the baseline",
        "1 of 2 pairs of query and product could not be judged",
        "1 of 2 segments were drawn from the tail",
        "1 queries have unjudged results above the cut-off",
        "2 queries (100.0% of traffic) have nothing relevant among all judged products",
        "DCG@k = Σ grade ÷ log₂(1 + rank)",
        "Traffic share × (1 − nDCG@k)",
        "bootstrap",
        "on fewer than 5 queries",
        "Judge: baseline/1",
        "nDCG@10",
    ):
        assert said in text


def test_a_page_of_several_markets_ranks_over_all_of_them() -> None:
    first, second = report(planted(1), Settings(resamples=50)), report(healthy(2), Settings(resamples=50))
    second.market = "de"
    run = consolidate([first, second])
    made = Page(render_page(run))
    assert [market.market for market in run.markets] == ["de", "uk"]
    assert [item.rank for item in run.ranking] == list(range(1, len(run.ranking) + 1))
    assert {item.class_id for item in run.ranking[: len(PLANTED)]} == PLANTED
    assert [text for level, text in made.headings if level == 2] == [
        "All markets",
        "Market de",
        "Market uk",
        "Reading this page",
    ]
    assert made.tables[0].rows[0][0] == "de"
    assert made.tables[1].head[:3] == ["Rank", "Market", "What fails"]
    assert "No failure class is claimed." in made.text


def test_accessible_and_self_contained() -> None:
    made = page(report(planted(1), Settings(resamples=50)))
    assert made.all("html") == [{"lang": "en"}]
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in made.all("meta")
    assert len(made.all("title")) == 1
    assert all("scope" in th for th in made.all("th"))
    assert all(image.get("alt") is not None for image in made.all("img"))
    ids = [attributes["id"] for _, attributes in made.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for anchor in made.all("a"):
        assert anchor["href"].startswith("#")
        assert anchor["href"][1:] in ids
    for label in [attributes["aria-labelledby"] for _, attributes in made.elements if "aria-labelledby" in attributes]:
        assert label in ids
    assert not {"script", "link", "iframe", "object"} & {tag for tag, _ in made.elements}
    assert b"@import" not in render_page(consolidate([report([Case("a", [4])])]))


HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7*7 }}\u202e</bdi>"


def test_hostile_strings_are_shown_as_they_are() -> None:
    reason = Reason(code=ReasonCode.REASON_CODE_TERM_MISSING, tag_type=HOSTILE, value=HOSTILE)
    cases = [
        Case(
            f"{HOSTILE} {n}", [1, 0], [4], terms={HOSTILE: False}, reasons=[reason], title=HOSTILE, image="javascript:x"
        )
        for n in range(8)
    ] + [Case(f"b {n}", [4], title=HOSTILE) for n in range(20)]
    made = report(cases, judge=HOSTILE)
    made.market = HOSTILE
    made.language = HOSTILE
    made.summary.junk.add(reason=HOSTILE, rows=1, examples=[HOSTILE])
    made.summary.broken_examples.append(HOSTILE)
    made.notes.append(HOSTILE)
    made.failure_classes[0].market = HOSTILE
    html = render_page(RunReport(markets=[made], ranking=made.failure_classes))
    shown = Page(html)
    assert made.failure_classes[0].claimed
    assert not {"script", "img"} & {tag for tag, _ in shown.elements}
    assert not [name for _, attributes in shown.elements for name in attributes if name.startswith("on")]
    assert shown.text.count("<script>alert(1)</script>") > 20
    assert shown.text.count("{{ 7*7 }}") > 20


IMAGES = {
    "data:image/png;base64,iVBOR": ("shown", "data:image/png;base64,iVBOR"),
    "DATA:IMAGE/SVG+XML;base64,PHN2": ("shown", "DATA:IMAGE/SVG+XML;base64,PHN2"),
    "https://shop.example/a.png?w=1&h=2": ("linked", "https://shop.example/a.png?w=1&h=2"),
    "http://shop.example/a.png": ("linked", "http://shop.example/a.png"),
    "pictures/a.png": ("linked", "pictures/a.png"),
    "/pictures/a.png": ("linked", "/pictures/a.png"),
    "": ("left out", ""),
    "javascript:alert(1)": ("left out", ""),
    "JaVaScRiPt:alert(1)": ("left out", ""),
    " javascript:alert(1)": ("left out", ""),
    "java\tscript:alert(1)": ("left out", ""),
    "data:text/html,<script>": ("left out", ""),
    'data:image/png,x" onerror="y': ("shown", 'data:image/png,x" onerror="y'),
    "vbscript:x": ("left out", ""),
    "file:///etc/passwd": ("left out", ""),
    "//evil.example/a.png": ("left out", ""),
    "\\\\evil.example\\a.png": ("left out", ""),
    "http:evil": ("left out", ""),
    "http://[broken/a.png": ("left out", ""),
}


@pytest.mark.parametrize("uri", IMAGES)
def test_images_are_embedded_linked_or_left_out(uri: str) -> None:
    fate, expected = IMAGES[uri]
    assert embedded_image(uri) == (expected if fate == "shown" else "")
    if fate != "shown":
        assert image_link(uri) == (expected if fate == "linked" else "")


def test_an_embedded_image_stays_one_attribute() -> None:
    cases = [Case(f"t {n}", [1], [4], terms={"mac": False}, image='data:image/png,x" onerror="y') for n in range(6)]
    made = page(report([*cases, *[Case(f"b {n}", [4]) for n in range(20)]]))
    assert made.all("img")
    assert all(set(image) == {"src", "alt", "width", "height"} for image in made.all("img"))


def test_the_same_report_gives_the_same_bytes() -> None:
    first, again = (consolidate([report(planted(4), Settings(resamples=50))]) for _ in range(2))
    assert render_page(first) == render_page(again)
    assert render_json(first) == render_json(again)


def test_json_writes_zeros_out_and_reads_back() -> None:
    made = report([Case("a", [4])])
    text = render_json(made)
    assert json.loads(text)["queries"][0]["loss"] == 0.0
    assert json_format.Parse(text, MarketReport()) == made


def test_an_empty_market_has_a_page() -> None:
    made = report([])
    assert made.overall.loss.value == 0
    assert "No failure class is claimed." in page(made).text
