"""Queries for which nothing relevant is found: a gap in the assortment, and no loss of the search.

That a thing is not for sale can only be said of the names that were tried. The titles say so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import fsum

from sq.v1.report_pb2 import ClassItem, Estimate, FailureClass, FailureKind, Suggestion
from sq_report.judge_kinds import compares_words
from sq_report.market import Answer, Market
from sq_report.measures import State
from sq_report.scored import Scored
from sq_report.settings import Settings
from sq_text import count_of, lemmas, stop_words

CLASS_ID = "NOT_SOLD"
OTHERWISE = "NOT_SOLD/CALLED_OTHERWISE"
TITLES = {
    CLASS_ID: "Not for sale under any name that was tried",
    OTHERWISE: "Not for sale, or called otherwise",
}
_SHOWN = 20
_DOUBT = (
    "The judge compares words. It does not recognise a product that the catalogue calls by another name, so "
    "some of these may be sold. Use a judge that understands language to tell."
)


def not_sold(scored: Sequence[Scored], market: Market, name: str, settings: Settings) -> list[FailureClass]:
    """Such queries, those of most traffic first, in up to two classes.

    Where products hold every word of a query and none is relevant, the shop may sell the thing by another name: a shop
    with sleeves for a laptop calls laptops notebooks. Nobody may read that as "not for sale".
    """
    members = [one for one in scored if one.measures.state is State.NOT_SOLD]
    by_traffic = sorted(members, key=lambda one: (-one.data.traffic_share, one.data.query_id))
    held = _held(by_traffic, market, settings.k)
    otherwise = [one for one in by_traffic if one.data.query_id in held]
    rest = [one for one in by_traffic if one.data.query_id not in held]
    searched = f"{'results, known matches and probes' if market.probes else 'results and known matches'}."
    what = f"Nothing of grade {settings.relevant_grade} or better was found for"
    classes = []
    if otherwise:
        headline = (
            f"{what} {count_of(len(otherwise))}, although a product holds all of its words. Check whether you sell "
            "these things by another name."
        )
        classes.append(_class(OTHERWISE, otherwise, headline, name))
    if rest:
        headline = f"{what} {count_of(len(rest))}, in {searched} {_names_tried(market)}"
        classes.append(_class(CLASS_ID, rest, headline, name))
    if all(map(compares_words, market.judges)):
        for item in classes:
            item.not_measurable = _DOUBT
    return classes


def _names_tried(market: Market) -> str:
    """Which other names were searched for; a thing may be sold by a name that shares no word with the query."""
    if any(probe.query.probe.mechanism == "vocabulary" for probe in market.probes):
        return "Synonyms were tried where the site or a model gave some."
    return "No synonyms were tried, so the shop may sell some of these things by another name."


def _class(class_id: str, members: Sequence[Scored], headline: str, name: str) -> FailureClass:
    line = f"{members[0].data.query.text}, <your name for it>"
    text = f"# synonyms.txt, then name it in words.synonyms_uri and run again\n{line}"
    return FailureClass(
        class_id=class_id,
        kind=FailureKind.FAILURE_KIND_NOT_SOLD,
        market=name,
        loss=Estimate(),
        traffic_share=fsum(one.data.traffic_share for one in members),
        queries=len(members),
        headline=headline,
        items=[ClassItem(item=one.data.query.text, queries=1, gain=one.data.traffic_share) for one in members[:_SHOWN]],
        suggestions=[Suggestion(engine="any", text=text)],
    )


def _held(members: Sequence[Scored], market: Market, k: int) -> set[str]:
    """Ids of the queries all of whose words a result or a known match holds; a probe's words count as the query's.

    Probes of the operator leave a word out, so they say nothing about it.
    """
    wanted = {one.data.query_id for one in members}
    answers: list[tuple[str, Answer]] = [(one.data.query_id, one.data) for one in members]
    for probe in market.probes:
        what = probe.query.probe
        if what.probe_of in wanted and what.mechanism != "operator":
            answers.append((what.probe_of, probe))
    return {query_id for query_id, answer in answers if _holds_all(answer, market, k)}


def _holds_all(answer: Answer, market: Market, k: int) -> bool:
    language = answer.query.language
    words = {word for word in lemmas(answer.query.text, language) if word not in stop_words(language)}
    return bool(words) and any(words <= held for held in _words(answer, market, k))


def _words(answer: Answer, market: Market, k: int) -> Iterator[set[str]]:
    """Lemmas of title, brand and categories of each of the first k results, and of each known match."""
    found = [market.products.get(hit.product) for hit in (answer.hits or [])[:k]]
    for product in (*filter(None, found), *market.matches_of(answer.query)):
        texts = (product.title, product.brand, *product.categories)
        yield {lemma for text in texts for lemma in lemmas(text, answer.query.language)}
