"""Reads a click log in the format of User Behavior Insights (UBI): searches, and their events.

The log is read twice, the searches first, so that events may be anywhere in the log. The memory grows with the searches
of the query set, not with the log: about 400 bytes for each search and 50 for each impression.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from sq.v1.report_config_pb2 import ClickLog
from sq.v1.source_pb2 import FILE_FORMAT_UBI
from sq_report.clicks.impressions import Impressions, highest_positions
from sq_report.clicks.searches import Search, merge
from sq_report.clicks.table import ClickTable, Integers, LogCounts
from sq_source import find_files
from sq_source.formats import Reading, reader_of
from sq_source.timestamps import Window, microseconds
from sq_source.ubi_events import action_of, click_actions, id_of, product_and_ordinal, search_of, session_of
from sq_text import query_form

FIELD = "clicks"
_IMPRESSIONS = ("impression",)
# Lower positions are ignored.
_DEEPEST = 100
_EXAMPLES = 5
_TEXTS_KEPT = 1 << 20
_Document = Mapping[str, object]


def read_clicks(config: ClickLog, texts: Mapping[str, str], check_stop: Callable[[], None]) -> ClickTable:
    """The impressions of all searches for some queries.

    Args:
        texts: query id by the query's normalised text.
        check_stop: called every few thousand lines.

    Raises:
        InputError: a file does not exist or is damaged.
    """
    reader = _Reader(config, texts, check_stop)
    reader.read_searches()
    reader.read_events()
    return reader.table()


class _Reader:
    def __init__(self, config: ClickLog, texts: Mapping[str, str], check_stop: Callable[[], None]) -> None:
        self._texts = texts
        self._check_stop = check_stop
        self._window = Window.of(config)
        self._click_actions = click_actions(config)
        self._impression_actions = frozenset(config.impression_actions or _IMPRESSIONS)
        self._files = [uri for n, place in enumerate(config.uri) for uri in find_files(place, f"{FIELD}.uri[{n}]")]
        self._searches: dict[str, Search] = {}
        self._query_of: dict[str, str | None] = {}
        self._pairs: dict[tuple[str, str], int] = {}
        self._shown, self._clicked = Impressions(), Impressions()
        self._from_zero: set[str] = set()
        self._broken, self._examples = 0, []

    def read_searches(self) -> None:
        """First pass: finds the query of each search."""
        for where, document in self._documents(count_broken=True):
            query = self._query(document.get("user_query"))
            identity = search_of(document)
            if query is None or not identity:
                continue
            is_event = "action_name" in document
            if not self._in_window(where, document, count_broken=not is_event):
                continue
            known = self._searches.get(identity)
            if known is None:
                self._searches[identity] = self._search(identity, query, document, logged=not is_event)
            elif not is_event and not known.logged:
                replaced = self._search(identity, query, document, logged=True)
                replaced.number = known.number
                self._searches[identity] = replaced

    def read_events(self) -> None:
        """Second pass: finds the impressions and the clicks of the searches."""
        for where, document in self._documents(count_broken=False):
            action = action_of(document)
            search = self._searches.get(search_of(document))
            if search is None or action not in self._click_actions | self._impression_actions:
                continue
            if not self._in_window(where, document, count_broken=True):
                continue
            search.session = session_of(document, search.client) or search.session
            product, ordinal = product_and_ordinal(document)
            if not product:
                continue
            if action in self._click_actions:
                self._clicked.add(search.number, self._pair(search.query, product), 0)
            elif ordinal is None:
                self._add_broken(where, "is an impression without event_attributes.position.ordinal")
            elif ordinal <= _DEEPEST:
                if ordinal == 0:
                    self._from_zero.add(search.application)
                self._shown.add(search.number, self._pair(search.query, product), ordinal)

    def table(self) -> ClickTable:
        searches = sorted(self._searches.values(), key=lambda search: search.number)
        search, pair, position = self._impressions(searches)
        merged, search_query, search_session = merge(searches)
        found = highest_positions(merged[search], pair, position)
        clicked_search, clicked_pair, _ = self._clicked.columns()
        pairs = max(len(self._pairs), 1)
        shown_keys = found[0] * pairs + found[1]
        clicked_keys = np.unique(merged[clicked_search] * pairs + clicked_pair)
        with_results = np.unique(found[0])
        return ClickTable(
            pairs=list(self._pairs),
            search_query=search_query,
            search_session=search_session,
            search=found[0],
            pair=found[1],
            position=found[2],
            clicked=np.isin(shown_keys, clicked_keys),
            counts=LogCounts(
                silent_searches=len(search_query) - len(with_results),
                unmatched_clicks=int((~np.isin(clicked_keys, shown_keys)).sum()),
                broken=self._broken,
                examples=tuple(self._examples),
            ),
        )

    def _impressions(self, searches: list[Search]) -> tuple[Integers, Integers, Integers]:
        """Impressions with positions from 1. A search without impressions has the hits that its query event lists."""
        search, pair, position = self._shown.columns()
        from_zero = np.array([one.application in self._from_zero for one in searches], dtype=np.int64)
        seen = np.zeros(len(searches), dtype=bool)
        seen[search] = True
        listed = Impressions()
        for one in searches:
            if not seen[one.number]:
                for rank, product in enumerate(one.hits, 1):
                    listed.add(one.number, self._pair(one.query, product), rank)
        return tuple(
            np.concatenate(columns)
            for columns in zip((search, pair, position + from_zero[search]), listed.columns(), strict=True)
        )

    def _search(self, identity: str, query: str, document: _Document, *, logged: bool) -> Search:
        client = id_of(document.get("client_id"))
        hits = document.get("query_response_hit_ids") if logged else None
        return Search(
            number=len(self._searches),
            query=query,
            application=str(document.get("application")),
            client=client,
            session=session_of(document, client) or client or identity,
            logged=logged,
            hits=[id_of(hit) for hit in hits[:_DEEPEST]] if isinstance(hits, list) else [],
        )

    def _query(self, text: object) -> str | None:
        """Id of the query with this text, or None if the query set has none."""
        if not isinstance(text, str):
            return None
        if text not in self._query_of:
            if len(self._query_of) >= _TEXTS_KEPT:
                self._query_of.clear()
            self._query_of[text] = self._texts.get(query_form(text))
        return self._query_of[text]

    def _pair(self, query: str, product: str) -> int:
        return self._pairs.setdefault((query, product), len(self._pairs))

    def _in_window(self, where: str, document: _Document, *, count_broken: bool) -> bool:
        if not self._window.bounded:
            return True
        try:
            return self._window.holds(microseconds(document.get("timestamp")))
        except (ValueError, OverflowError):
            if count_broken:
                self._add_broken(where, "has no timestamp that can be read")
            return False

    def _documents(self, *, count_broken: bool) -> Iterator[tuple[str, _Document]]:
        """("file:line", document) of all files. Counts broken lines in one of the two passes."""
        ubi = reader_of(FILE_FORMAT_UBI, FIELD)
        for uri in self._files:
            reading = _Reading(uri, self._add_broken if count_broken else None)
            for number, document in ubi.documents(uri, FIELD, reading):
                if number % 4096 == 0:
                    self._check_stop()
                yield reading.where(number), document

    def _add_broken(self, where: str, why: str) -> None:
        self._broken += 1
        if len(self._examples) < _EXAMPLES:
            self._examples.append(f"{where}: {why}")


class _Reading(Reading):
    """Passes broken lines to `add_broken`, if given."""

    def __init__(self, uri: str, add_broken: Callable[[str, str], None] | None) -> None:
        super().__init__(uri)
        self._label = uri.rpartition("/")[2]
        self._add_broken = add_broken

    def where(self, line: int) -> str:
        return f"{self._label}:{line}"

    def broken(self, line: int, problem: str, lines: int = 1) -> None:
        if self._add_broken is not None:
            self._add_broken(self.where(line), problem)
