"""Names that are written joined, apart, with a hyphen or with a full stop."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sq.v1.query_pb2 import PROBE_FORM_BLEND
from sq.v1.report_pb2 import Suggestion
from sq_mechanisms import suggest
from sq_mechanisms.catalogue_words import JOINT, CatalogueWords, squash
from sq_mechanisms.market import Asked, Market
from sq_mechanisms.mechanism import Change, Mechanism
from sq_mechanisms.units import is_quantity

_FEWEST = 2
# Letters that a part of a name needs: "e-mail" is no "e".
_SHORTEST = 4
_SHOWN = 3


class Spacing(Mechanism):
    """Writes a name as the catalogue writes it: "tp link" as "tp-link", "startech" as "startech.com".

    Quantities such as "3 m" are left to the mechanism of units, whose repair is a pattern and no list.
    """

    name = "spacing"
    title = "Joined, hyphenated and spaced spellings are different words"
    repair = "add a word delimiter filter, or a list of aliases"
    form = PROBE_FORM_BLEND
    literature = "The manual of Lucene on WordDelimiterGraphFilter"
    needs_meaning = True

    def changes(self, asked: Asked, market: Market) -> Iterable[Change]:
        # The order of the catalogue must not decide between spellings of as many products.
        best = max(_respellings(asked, market), key=lambda found: (*found[:2], found[-1]), default=None)
        if best is not None:
            _, _, start, end, new = best
            old = asked.text[start:end]
            yield Change(f"{old} → {new}", f"{old} → {new}", asked.text[:start] + new + asked.text[end:])

    def suggestions(self, items: Sequence[str], language: str) -> list[Suggestion]:
        listed = [item for item in items if JOINT.search(item.replace(" → ", "")) is None]
        if len(listed) == len(items):
            return [suggest.synonyms(items, where="a word delimiter parts words at their marks, and these have none")]
        # Parted at case changes, "StarTech.com" would hold "star" and "tech", and "startech" would not find it.
        options = {"catenate_all": True, "preserve_original": True, "split_on_case_change": False}
        solr = [
            '<filter class="solr.WordDelimiterGraphFilterFactory" catenateAll="1" preserveOriginal="1" '
            'splitOnCaseChange="0"/>',
            '<filter class="solr.FlattenGraphFilterFactory"/>  <!-- for the index analyser alone -->',
        ]
        note = "Use a whitespace tokeniser and put this first behind it, for index and query; then reindex."
        if listed:
            named = ", ".join(listed[:_SHOWN]) + (" and others" if len(listed) > _SHOWN else "")
            note += f" Without a mark to part at, {named} need the list."
        filters = {"sq_word_delimiter": {"type": "word_delimiter_graph", **options}}
        return [*suggest.analysis(filters, solr, note), suggest.synonyms(items)]


def _respellings(asked: Asked, market: Market) -> Iterator[tuple[int, int, int, int, str]]:
    """(words it covers, products, start, end, new spelling) of each name that the catalogue writes another way."""
    words, catalogue = asked.words, market.catalogue
    for first in range(len(words)):
        for last in range(first, min(first + 2, len(words))):
            start, end = words[first].start, words[last].end
            typed = asked.text[start:end]
            if is_quantity(typed):
                continue
            for new, count in _ways(typed, market).items():
                # "startech" in "startech.com" is written so already.
                written = asked.text.startswith(new, start)
                if not written and count >= _FEWEST and count > _holding(typed, catalogue):
                    yield last - first + 1, count, start, end, new


def _ways(typed: str, market: Market) -> dict[str, int]:
    """The catalogue's spellings of a name, and the products that have each."""
    catalogue, letters = market.catalogue, squash(typed)
    ways: dict[str, int] = dict(catalogue.written.get(letters, {}))
    ways |= catalogue.longer_names(letters) if len(letters) >= _SHORTEST else {}
    if letters != typed and catalogue.names[letters]:
        ways[letters] = catalogue.names[letters]
    if letters == typed and len(letters) > _SHORTEST:
        for cut in range(2, len(letters) - 1):
            pair = f"{letters[:cut]} {letters[cut:]}"
            if catalogue.pairs[pair]:
                ways[pair] = catalogue.pairs[pair]
    return ways


def _holding(typed: str, catalogue: CatalogueWords) -> int:
    """Products that hold the name as it was typed."""
    return catalogue.pairs[typed] if " " in typed else catalogue.names[typed]
