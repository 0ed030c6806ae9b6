"""The page's structure, what it says, and that nothing in a record gets out of its place."""

import json

import pytest
from google.protobuf import json_format
from html_outline import Page, words
from markets import PLANTED, healthy, planted
from synthetic import report
from synthetic_case import Case

from sq.v1.manifest_pb2 import ModelUsage
from sq.v1.report_pb2 import MarketReport
from sq_report.consolidate import consolidate
from sq_report.page import render_json, render_page
from sq_report.run_facts import RunFacts


def page(*markets: MarketReport) -> Page:
    return Page(render_page(consolidate(markets)))


@pytest.fixture(scope="module")
def market() -> MarketReport:
    return report(planted(), judge="baseline/1")


def test_outline(market: MarketReport) -> None:
    made = page(market)
    assert [heading for heading in made.headings if heading[0] < 4] == [
        (1, "Search quality"),
        (2, "Market uk"),
        (3, "What to do"),
        (3, "Not for sale under any name that was tried"),
        (3, "Before using the numbers"),
        (3, "What else was tried"),
        (3, "Queries that lose without a known cause"),
        (3, "Segments"),
        (3, "What was measured"),
        (2, "How to read this page"),
    ]
    assert [text for level, text in made.headings if level == 4] == [
        "1. Singular and plural are different words",
        "2. The search engine does not answer: server error",
        "3. Accessories stand before the thing itself",
        "4. Product data lack COLOUR navy",
        "5. The field “description” does not find its products",
    ]


def test_the_verdict_comes_first_and_the_deeds_before_all_statistics(market: MarketReport) -> None:
    text = words(page(market))
    places = [
        text.index(said)
        for said in (
            market.verdict,
            "Traffic measured",
            "What to do",
            "Stem words in the analyser.",
            "p <0.001",
            "ERR@10",
        )
    ]
    assert places == sorted(places)


def test_each_class_says_in_one_line_what_it_is_worth_and_what_to_do(market: MarketReport) -> None:
    text = words(page(market))
    gain = market.failure_classes[0].gain
    worth = f"wins back at least {100 * gain.value:.1f} [{100 * gain.low:.1f}, {100 * gain.high:.1f}] points of nDCG"
    assert f"{worth} · 36 of 40 queries better, 4 worse Stem words in the analyser." in text
    assert "loses 7.8% of the traffic · 12 queries Repair the search endpoint" in text
    assert "concerns 7.8% of the traffic · 12 queries Fill in COLOUR" in text
    assert "12 searches for known products Search the field too" in text


def test_a_class_unfolds_to_repairs_items_and_results_before_and_after(market: MarketReport) -> None:
    made = page(market)
    assert len(made.all("pre")) == 3 + 3 + 2 + 1
    text = words(made)
    for said in (
        "OpenSearch or Elasticsearch # Add it to the analyser",
        '<filter class="solr.KStemFilterFactory"/>',
        "Any engine # synonyms.txt",
        "hubs, hub",
        "change: cables → cable",
        "Now, nDCG 0.25",
        "With the change, nDCG 0.77",
        "Toner found 1",
        "its own reason: “HTTP 500”",
        "48 state no COLOUR and 48 contradict themselves",
    ):
        assert said in text
    changes = next(table for table in made.tables if table.caption.startswith("What the change is about"))
    assert {row[0] for row in changes.rows} == {"hubs → hub", "routers → router", "cables → cable", "toners → toner"}


def test_what_is_not_sold_stands_apart_from_the_losses(market: MarketReport) -> None:
    text = words(page(market))
    title = "Not for sale under any name that was tried"
    after = text[text.index(f"{title} Nothing of grade 3 or better was found for 2 queries") :]
    assert after.index("no loss of the search") < after.index("kayak one") < after.index("Before using the numbers")
    assert "some of these may be sold" in text
    assert "some of these may be sold" not in words(page(report(planted(), judge="model/1")))


def test_a_judge_that_uses_the_list_of_the_probe_is_named(market: MarketReport) -> None:
    assert "Judge and probe use one list of accessory words." in words(page(market))
    assert "one list" not in words(page(report(planted(), judge="model/1")))


def test_changes_that_are_not_claimed_stand_in_a_fold_with_their_test(market: MarketReport) -> None:
    made = page(market)
    tests = {
        row[1]: row for table in made.tables if table.caption.startswith("Changes that were") for row in table.rows
    }
    assert tests["inflection"][-1] == "claimed"
    assert tests["operator"][-1] == "not claimed: the test does not tell the change from chance"
    assert tests["spacing"][2:5] == ["–", "–", "–"]
    assert tests["spacing"][-1].startswith("not measurable: the judge compares words")
    assert "use a judge that understands language" in tests["spacing"][-1]


def test_statistics_are_folded(market: MarketReport) -> None:
    made = page(market)
    folds = made.all("details")
    assert len(folds) == 5 + 4
    assert not [fold for fold in folds if "open" in fold]


def test_tables(market: MarketReport) -> None:
    made = page(market)
    coverage, accounting = made.tables[-2:]
    assert [row[0] for row in coverage.rows] == ["head", "torso", "tail"]
    assert accounting.rows[0] == ["Queries chosen", "158", "158", "0"]
    assert accounting.rows[1] == ["Queries searched", "158", "146", "12"]
    unexplained = next(table for table in made.tables if table.caption.startswith("The 20 queries"))
    assert len(unexplained.rows) == 20
    for table in made.tables:
        assert table.caption
        assert all(len(row) == len(table.head) for row in table.rows)


def test_the_figures_are_those_of_the_report() -> None:
    made = page(report([Case(f"a {n}", [4, 4, 0, 0], [4]) for n in range(40)]))
    ndcg = (4 + 4 / 1.5849625) / (4 + 4 / 1.5849625 + 4 / 2)
    segments = next(table for table in made.tables if table.caption.startswith("Segments"))
    assert segments.rows[0][1].startswith("2.00 [")
    assert segments.rows[0][2].startswith(f"{ndcg:.2f} [")
    assert segments.rows[0][9].startswith(f"{100 * (1 - ndcg):.2f}% [")
    assert f"nDCG@10 of everything sold, bounds{ndcg:.2f} to {ndcg:.2f}" in words(made)


def test_bounds_are_wider_than_the_figure_where_results_are_not_judged() -> None:
    made = report([Case("a", [3, None]), Case("b", [None])])
    assert made.overall.ndcg.value == 1
    assert f"bounds{made.coverage.ndcg_low:.2f} to 1.00" in words(page(made))
    assert made.coverage.ndcg_low < 0.5


def test_run_date_and_cost_are_on_top(market: MarketReport) -> None:
    made = Page(render_page(consolidate([market]), RunFacts("run-7", "2026-11-26")))
    text = words(made)
    assert "Run run-7 of 2026-11-26." in text
    assert "It took 158 searches and 132 probes of the search engine" in text
    assert "305 of them for what the probes found" in text


def test_what_was_paid_and_a_budget_that_ended_are_on_top(market: MarketReport) -> None:
    used = ModelUsage(
        uri="s3://b/runs/r/uk/evaluate/shard-0-of-2",
        market="uk",
        calls=1200,
        input_tokens=900_000,
        output_tokens=100_000,
        usd=0.5,
        max_usd=0.5,
        budget_ended=True,
    )
    other = ModelUsage(uri="s3://b/runs/r/uk/generate", market="uk", calls=3, input_tokens=5, usd=0.25)
    text = words(Page(render_page(consolidate([market]), RunFacts("r", "", (used, other)))))
    assert "Paid models: $0.75, 1,203 calls, 1,000,005 tokens." in text
    assert "uk, evaluate: the budget ended before the work: $0.5 of max_usd 0.5 used; raise it" in text
    assert text.index("the budget ended") < text.index("What to do")
    assert json.loads(render_json(market, RunFacts("r", "", (used,))))["modelUsage"][0]["usd"] == 0.5
    assert not market.model_usage


def test_work_that_is_still_open_is_on_top_with_its_reason(market: MarketReport) -> None:
    left = {
        ("s3://b/runs/r/uk/diagnose", "NAMES_UNAVAILABLE"): 24,
        ("s3://b/runs/r/uk/evaluate/shard-0-of-2", "UNAVAILABLE"): 9,
    }
    text = words(Page(render_page(consolidate([market]), RunFacts("r", unfinished=left))))
    assert "uk, diagnose: 24 queries have no names from the model, which did not answer; vocabulary was" in text
    assert "uk, evaluate: 9 records failed (UNAVAILABLE). The same command does only these again." in text
    assert text.index("no names from the model") < text.index("What to do")


def test_small_samples_stand_in_brackets_without_interval() -> None:
    made = page(report([Case("a 1", [4]), Case("b 1", [2], [4])]))
    segments = next(table for table in made.tables if table.caption.startswith("Segments"))
    assert [row[:3] for row in segments.rows] == [
        ["b such as “b 1”", "(2.00)", "(0.38)"],
        ["a such as “a 1”", "(4.00)", "(1.00)"],
    ]


def test_what_a_reader_must_know() -> None:
    cases = [Case("a 1", [None, 4, 0]), Case("b 1", [None, None]), Case("c 1", [])]
    text = words(page(report(cases, judge="baseline/1", tail=["b"])))
    for said in (
        "The judge compares attributes and words",
        "3 of 5 pairs of query and product could not be judged",
        "1 of 3 segments have too little traffic for a sample of their own",
        "Not measured: 1 of 3 queries (33.3% of the traffic)",
        "Measured without the results that are not judged: 1 query.",
        "No change to the search was tried",
        "DCG@k = Σ grade ÷ log₂(1 + rank)",
        "Traffic share × (1 − nDCG@k)",
        "Judge: baseline/1",
        "nDCG@10",
    ):
        assert said in text


def test_a_page_of_several_markets_ranks_over_all_of_them(market: MarketReport) -> None:
    second = report(healthy(2))
    second.market = "de"
    run = consolidate([market, second])
    made = Page(render_page(run))
    assert [of.market for of in run.markets] == ["de", "uk"]
    assert [item.rank for item in run.ranking] == list(range(1, len(run.ranking) + 1))
    assert [item.class_id for item in run.ranking] == [*PLANTED, "NOT_SOLD"]
    assert [text for level, text in made.headings if level == 2] == [
        "All markets",
        "Market de",
        "Market uk",
        "How to read this page",
    ]
    assert made.tables[0].rows[0][0] == "de"
    assert [row[2] for row in made.tables[1].rows][:2] == [
        "Singular and plural are different words",
        "The search engine does not answer: server error",
    ]
    assert "Nothing is claimed." in made.text
    assert words(made).count(second.verdict) == 2


def test_the_same_report_gives_the_same_bytes() -> None:
    first, again = (consolidate([report(planted(4))]) for _ in range(2))
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
    assert "Nothing is claimed." in page(made).text
    assert made.verdict.startswith("Nothing was measured")
