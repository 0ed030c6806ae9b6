"""Other names of what queries mean, from clicks: queries that led to the same products mean the same.

Literature: Beeferman, Berger 2000 (Agglomerative clustering of a search engine query log); Craswell, Szummer 2007
(Random walks on the click graph). Engine and judge decide whether a name helps, so a name needs little support here.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from sq.v1.report_config_pb2 import ClickLog
from sq.v1.source_pb2 import FILE_FORMAT_UBI
from sq_diagnose.names import LONGEST, NAMES
from sq_mechanisms import Asked, Market
from sq_mechanisms.stems import stem
from sq_source import find_files
from sq_source.formats import Reading, reader_of
from sq_source.timestamps import Window, microseconds
from sq_source.ubi_events import action_of, click_actions, product_and_ordinal, search_of
from sq_stagekit import Work
from sq_text import query_form, tokenise

FIELD = "clicks"
# Clicked searches that are kept, with about 300 bytes each.
_MOST = 2_000_000
# Clicks on products that two queries share; and the cosine of their clicks, by product.
_FEWEST = 3
_COSINE = 0.2


def names_by_clicks(config: ClickLog, asked: Sequence[Asked], market: Market, work: Work) -> dict[str, list[str]]:
    """Normalised queries of at most four words, and up to three other names each, the most alike first.

    Raises:
        InputError: a file is missing or damaged.
        Stopped: SIGTERM came.
    """
    clicked = _clicks(config, work)
    by_text = _by_text(config, clicked, work)
    found = alike([" ".join(word.text for word in one.words) for one in asked], by_text, market)
    extra = {"searches": len(clicked), "queries": len(by_text), "named": len(found)}
    work.log.info("clicks read", extra=extra)
    return found


def alike(phrases: Sequence[str], by_text: Mapping[str, Mapping[str, int]], market: Market) -> dict[str, list[str]]:
    """Names for phrases.

    Args:
        by_text: clicks by normalised query and product.
    """
    of_product: defaultdict[str, list[str]] = defaultdict(list)
    for text, products in by_text.items():
        for product in products:
            of_product[product].append(text)
    found = {}
    for phrase in dict.fromkeys(phrases):
        near = {other for product in by_text.get(phrase, ()) for other in of_product[product]}
        scores = {
            other: score
            for other in near
            if _another(phrase, other, market) and (score := _cosine(by_text[phrase], by_text[other])) >= _COSINE
        }
        if scores:
            found[phrase] = sorted(scores, key=lambda other: (-scores[other], other))[:NAMES]
    return found


def _another(phrase: str, other: str, market: Market) -> bool:
    """Whether a query is another name: neither narrower, wider nor an inflection, and of words that products hold."""
    words, others = phrase.split(), other.split()
    if not 0 < len(words) <= LONGEST or not 0 < len(others) <= LONGEST:
        return False
    stems, other_stems = ({stem(word, market.language) for word in text} for text in (words, others))
    return not stems <= other_stems and not other_stems <= stems and all(map(market.catalogue.knows, others))


def _cosine(one: Mapping[str, int], other: Mapping[str, int]) -> float:
    """0 where too few clicks are on products that both have."""
    common = one.keys() & other.keys()
    if min(sum(clicks[product] for product in common) for clicks in (one, other)) < _FEWEST:
        return 0.0
    product = sum(one[name] * other[name] for name in common)
    return product / math.sqrt(sum(n * n for n in one.values()) * sum(n * n for n in other.values()))


def _clicks(config: ClickLog, work: Work) -> dict[str, set[str]]:
    """Products by the id of the search that led to a click on them."""
    actions, found = click_actions(config), {}
    for document in _documents(config, work):
        if action_of(document) not in actions:
            continue
        search, (product, _) = search_of(document), product_and_ordinal(document)
        if search and product and (search in found or len(found) < _MOST):
            found.setdefault(search, set()).add(product)
    if len(found) == _MOST:
        work.log.warning("only the first clicked searches are read", extra={"field": FIELD, "searches": _MOST})
    return found


def _by_text(config: ClickLog, clicked: dict[str, set[str]], work: Work) -> dict[str, Counter[str]]:
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    counted: set[str] = set()
    for document in _documents(config, work):
        search, text = search_of(document), document.get("user_query")
        if search in clicked and search not in counted and isinstance(text, str):
            counted.add(search)
            found[" ".join(token.text for token in tokenise(query_form(text)))].update(clicked[search])
    return dict(found)


class _Counted(Reading):
    """Leaves lines out that cannot be read, and counts them."""

    lines = 0

    def broken(self, line: int, problem: str, lines: int = 1) -> None:
        self.lines += lines


def _documents(config: ClickLog, work: Work) -> Iterator[Mapping[str, object]]:
    """The searches and events of the window. A warning says how many lines of a file cannot be read."""
    ubi, window = reader_of(FILE_FORMAT_UBI, FIELD), Window.of(config)
    for number, place in enumerate(config.uri):
        for uri in find_files(place, f"{FIELD}.uri[{number}]"):
            reading = _Counted(uri)
            for line, document in ubi.documents(uri, FIELD, reading):
                if line % 4096 == 0:
                    work.check_stop()
                if not window.bounded or _inside(document, window):
                    yield document
            if reading.lines:
                work.log.warning("lines of the click log cannot be read", extra={"file": uri, "lines": reading.lines})


def _inside(document: Mapping[str, object], window: Window) -> bool:
    try:
        return window.holds(microseconds(document.get("timestamp")))
    except (ValueError, OverflowError):
        return False
