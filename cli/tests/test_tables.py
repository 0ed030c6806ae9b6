"""What a report looks like on a terminal of 80 columns."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from sq.v1.manifest_pb2 import ModelUsage
from sq.v1.report_pb2 import (
    ClassItem,
    Coverage,
    Estimate,
    FailureClass,
    FailureKind,
    MarketReport,
    MechanismTest,
    Probing,
    RunReport,
    SegmentScore,
    Suggestion,
)
from sq_cli import tables

LONG = "CATEGORY=notebook-und-laptop-zubehoer+COLOUR=mitternachtsblau+MATERIAL=kunstleder-mit-naht"
GAIN = Estimate(value=0.1213, low=0.071, high=0.19, queries=108, claimed=True)
HEADLINE = (
    "Singular and plural are different words: stem words in the analyser, to win back at least 12.1 of 100 points of "
    "nDCG [7.1, 19.0]; 85 queries get better, 23 worse."
)
MECHANISM = FailureClass(
    class_id="MECHANISM/inflection",
    kind=FailureKind.FAILURE_KIND_MECHANISM,
    mechanism="inflection",
    market="uk",
    gain=GAIN,
    loss=GAIN,
    claimed=True,
    headline=HEADLINE,
    suggestions=[Suggestion(engine="Solr", text="<filter/>\nof many\nlines")],
)
GAP = FailureClass(
    class_id=f"DATA_GAP/{LONG}",
    kind=FailureKind.FAILURE_KIND_DATA_GAP,
    market="uk",
    traffic_share=0.042,
    claimed=True,
    headline="Of 120 results 48 state no COLOUR.",
    suggestions=[Suggestion(engine="any", text="Fill in COLOUR.")],
)
FAILED = FailureClass(
    class_id="RETRIEVAL_FAILED/SERVER_ERROR",
    kind=FailureKind.FAILURE_KIND_RETRIEVAL_FAILED,
    market="uk",
    loss=Estimate(value=0.078, queries=12),
    traffic_share=0.078,
    claimed=True,
    headline="The search engine did not answer 12 queries (server error); its own reason: “all shards failed”.",
)
NOT_SOLD = FailureClass(
    class_id="NOT_SOLD",
    kind=FailureKind.FAILURE_KIND_NOT_SOLD,
    market="uk",
    traffic_share=0.013,
    headline="Nothing of grade 3 or better was found for 2 queries.",
    items=[ClassItem(item="kayak"), ClassItem(item="[red]canoe[/red]")],
)


def market(*classes: FailureClass) -> MarketReport:
    ndcg = Estimate(value=0.68, low=0.61, high=0.74, queries=300, claimed=True)
    return MarketReport(
        market="uk",
        k=10,
        judge="model/1",
        verdict=f"Over the 84% of the traffic that was measured, the search loses 32 of 100 points. {HEADLINE}",
        coverage=Coverage(measured=0.84, not_sold=0.013, ndcg_low=0.6, ndcg_high=0.8),
        overall=SegmentScore(traffic_share=1, ndcg=ndcg, loss=Estimate(value=0.27, queries=300)),
        segments=[SegmentScore(segment_id=LONG, traffic_share=0.2, ndcg=Estimate(value=0.5, queries=3))],
        failure_classes=classes,
        notes=["A note that says something about the figures, at such length that it has to be wrapped at 80 columns."],
        probing=Probing(
            probes=454,
            tests=[
                MechanismTest(mechanism="inflection", eligible_queries=108, gain=0.1213, p_value=0.0001),
                MechanismTest(mechanism="spacing", p_value=1, reason="the endpoint gives no scores"),
            ],
        ),
    )


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch):
    def show(*classes: FailureClass, stats: bool = False) -> str:
        file = StringIO()
        monkeypatch.setattr(tables, "out", Console(file=file, width=80, highlight=False))
        tables.print_report(RunReport(markets=[market(*classes)], ranking=classes), stats=stats)
        return file.getvalue()

    return show


def words(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("stats", [False, True])
def test_nothing_is_cut_at_80_columns(shown, stats: bool) -> None:
    text = shown(MECHANISM, FAILED, GAP, NOT_SOLD, stats=stats)
    assert max(map(len, text.splitlines())) <= 80
    assert "…" not in text
    assert HEADLINE in words(text)


def test_the_verdict_is_first_then_what_to_do_then_the_table_of_markets(shown) -> None:
    text = words(shown(MECHANISM, FAILED, GAP, NOT_SOLD))
    assert text.startswith("uk: Over the 84% of the traffic that was measured")
    order = [
        "1. MECHANISM/inflection (uk): at least +12.1 points of nDCG [7.1, 19.0]",
        "2. RETRIEVAL_FAILED/SERVER_ERROR (uk): loses 7.8% of the traffic",
        "“all shards failed”",
        "3. DATA_GAP/",
        "→ Fill in COLOUR.",
        "Not for sale under any name that was tried (uk): 1.3% of the traffic, no loss of the search",
        "kayak, [red]canoe[/red]",
        "market measured nDCG",
        "0.68 [0.61, 0.74]",
        "A note that says",
        "sq show --stats",
    ]
    places = [text.index(said) for said in order]
    assert places == sorted(places)


def test_a_name_that_is_longer_than_a_line_is_whole(shown) -> None:
    assert GAP.class_id in "".join(line.strip() for line in shown(GAP).splitlines())


def test_a_class_without_an_interval_has_its_gain_alone(shown) -> None:
    alone = FailureClass()
    alone.CopyFrom(MECHANISM)
    alone.gain.claimed = False
    assert "at least +12.1 points of nDCG\n" in shown(alone)


def test_text_of_many_lines_stays_on_the_page(shown) -> None:
    assert "<filter/>" not in shown(MECHANISM)


def test_nothing_claimed(shown) -> None:
    assert "Nothing is claimed." in shown(NOT_SOLD)
    assert "Nothing is claimed." not in shown(MECHANISM)


def test_statistics_only_where_they_are_asked_for(shown) -> None:
    without, with_them = shown(MECHANISM), words(shown(MECHANISM, stats=True))
    assert "ERR" not in without
    assert "<0.001" not in without
    bounds = "nDCG@10 of everything sold is between 0.60 and 0.80"
    for said in (bounds, "ERR", "<0.001", "the endpoint gives no scores"):
        assert said in with_them


def test_a_run_ends_with_what_to_change_first(monkeypatch: pytest.MonkeyPatch) -> None:
    file = StringIO()
    monkeypatch.setattr(tables, "out", Console(file=file, width=80, highlight=False))
    tables.print_first(
        RunReport(markets=[market(MECHANISM, GAP), MarketReport(market="de", failure_classes=[NOT_SOLD])])
    )
    assert words(file.getvalue()) == (
        "Change first in uk: Singular and plural are different words: stem words in the analyser "
        "(at least +12.1 points of nDCG [7.1, 19.0])."
    )


@pytest.mark.parametrize(
    ("usage", "said"),
    [
        ([], ""),
        ([ModelUsage()], ""),
        ([ModelUsage(calls=1200, input_tokens=3000, output_tokens=40)], "Paid models: 1,200 calls, 3,040 tokens."),
        ([ModelUsage(calls=1, usd=0.1), ModelUsage(calls=2, usd=0.25)], "Paid models: $0.35, 3 calls, 0 tokens."),
        (
            [ModelUsage(calls=9, input_tokens=30, output_tokens=10, reduced_tokens=30, fallbacks=2)],
            "Paid models: 9 calls, 40 tokens, 75% of them at the reduced price of flex or batch. "
            "Flex had no room for 2 calls, which were made at the standard price.",
        ),
    ],
)
def test_what_paid_models_used_is_said(monkeypatch: pytest.MonkeyPatch, usage: list[ModelUsage], said: str) -> None:
    file = StringIO()
    monkeypatch.setattr(tables, "out", Console(file=file, width=80, highlight=False))
    tables.print_cost(usage)
    assert words(file.getvalue()) == said
