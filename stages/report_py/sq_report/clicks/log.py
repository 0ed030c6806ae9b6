"""Reads a click log in the shape of User Behavior Insights (UBI): searches, and the events that follow them.

The log is read twice: first for the searches, so that events may stand before, after or apart from their query. What is
kept grows with the searches of the query set, not with the log: some 400 bytes a search and 50 an impression.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from sq.v1.report_config_pb2 import ClickLog
from sq.v1.source_pb2 import FILE_FORMAT_UBI
from sq_report.clicks.table import ClickTable, Integers, LogCounts
from sq_source import find_files
from sq_source.formats import Reading, reader_of
from sq_source.log_lines import is_framing
from sq_source.timestamps import Window, microseconds
from sq_text.normalise import normalise

FIELD = "clicks"
# Positions further down are not looked at.
_DEEPEST = 100
_EXAMPLES = 5
_TEXTS_KEPT = 1 << 20
_Document = Mapping[str, object]


def read_clicks(config: ClickLog, texts: Mapping[str, str], check_stop: Callable[[], None]) -> ClickTable:
    """The impressions of all searches for some queries.

    Args:
        texts: query id by the query's normalised text.
        check_stop: called now and then.

    Raises:
        InputError: a file is not there or damaged.
    """
    reader = _Reader(config, texts, check_stop)
    reader.read_searches()
    reader.read_events()
    return reader.table()


@dataclass
class _Search:
    """A logged search. `logged` is false while it is known from its events alone."""

    number: int
    query: str
    application: str
    session: str
    logged: bool
    hits: list[str] = field(default_factory=list)


@dataclass
class _Rows:
    """Products of searches, in columns: numbers of search and pair, and the position as logged."""

    search: array = field(default_factory=lambda: array("q"))
    pair: array = field(default_factory=lambda: array("q"))
    position: array = field(default_factory=lambda: array("q"))

    def add(self, search: int, pair: int, position: int) -> None:
        self.search.append(search)
        self.pair.append(pair)
        self.position.append(position)

    def columns(self) -> tuple[Integers, Integers, Integers]:
        return tuple(np.frombuffer(column, dtype=np.int64) for column in (self.search, self.pair, self.position))


class _Reader:
    def __init__(self, config: ClickLog, texts: Mapping[str, str], check_stop: Callable[[], None]) -> None:
        self._texts = texts
        self._check_stop = check_stop
        self._window = Window.of(config)
        self._click_actions = frozenset(config.click_actions or ["click"])
        self._impression_actions = frozenset(config.impression_actions or ["impression"])
        self._files = [uri for n, place in enumerate(config.uri) for uri in find_files(place, f"{FIELD}.uri[{n}]")]
        self._searches: dict[str, _Search] = {}
        self._query_of: dict[str, str | None] = {}
        self._pairs: dict[tuple[str, str], int] = {}
        self._shown, self._clicked = _Rows(), _Rows()
        self._from_zero: set[str] = set()
        self._broken, self._examples = 0, []

    def read_searches(self) -> None:
        """First reading: which search asked for which query of the set."""
        for where, document in self._documents(count_broken=True):
            query = self._query(document.get("user_query"))
            identity = document.get("query_id")
            if query is None or not isinstance(identity, str) or not identity:
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
        """Second reading: what the searches showed, and what was clicked."""
        for where, document in self._documents(count_broken=False):
            action = document.get("action_name")
            search = self._searches.get(document.get("query_id"))
            if search is None or action not in self._click_actions | self._impression_actions:
                continue
            if not self._in_window(where, document, count_broken=True):
                continue
            session = document.get("session_id")
            search.session = session if isinstance(session, str) and session else search.session
            product, ordinal = _object(document)
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
        merged, search_query, search_session = _merge(searches)
        found = _first_of_each(merged[search], pair, position)
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

    def _impressions(self, searches: list[_Search]) -> tuple[Integers, Integers, Integers]:
        """Logged impressions with positions from 1; of searches without any, the hits that the query lists."""
        search, pair, position = self._shown.columns()
        from_zero = np.array([one.application in self._from_zero for one in searches], dtype=np.int64)
        seen = np.zeros(len(searches), dtype=bool)
        seen[search] = True
        listed = _Rows()
        for one in searches:
            if not seen[one.number]:
                for rank, product in enumerate(one.hits, 1):
                    listed.add(one.number, self._pair(one.query, product), rank)
        return tuple(
            np.concatenate(columns)
            for columns in zip((search, pair, position + from_zero[search]), listed.columns(), strict=True)
        )

    def _search(self, identity: str, query: str, document: _Document, *, logged: bool) -> _Search:
        client = document.get("client_id")
        hits = document.get("query_response_hit_ids") if logged else None
        return _Search(
            number=len(self._searches),
            query=query,
            application=str(document.get("application")),
            session=client if isinstance(client, str) and client else identity,
            logged=logged,
            hits=[_identity(hit) for hit in hits[:_DEEPEST]] if isinstance(hits, list) else [],
        )

    def _query(self, text: object) -> str | None:
        """Id of the query of the set that was typed, if it is one."""
        if not isinstance(text, str):
            return None
        if text not in self._query_of:
            if len(self._query_of) >= _TEXTS_KEPT:
                self._query_of.clear()
            self._query_of[text] = self._texts.get(normalise(text))
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
        """("file:line", document) of all files; what cannot be read is counted in one of the two readings."""
        ubi = reader_of(FILE_FORMAT_UBI, FIELD)
        for uri in self._files:
            reading = _Reading(uri, self._add_broken if count_broken else None)
            for number, document in ubi.documents(uri, FIELD, reading):
                if number % 4096 == 0:
                    self._check_stop()
                if not is_framing(document):
                    yield reading.where(number), document

    def _add_broken(self, where: str, why: str) -> None:
        self._broken += 1
        if len(self._examples) < _EXAMPLES:
            self._examples.append(f"{where}: {why}")


class _Reading(Reading):
    """Passes broken lines on to `add_broken`, if there is one."""

    def __init__(self, uri: str, add_broken: Callable[[str, str], None] | None) -> None:
        super().__init__(uri)
        self._label = uri.rpartition("/")[2]
        self._add_broken = add_broken

    def where(self, line: int) -> str:
        return f"{self._label}:{line}"

    def broken(self, line: int, problem: str, lines: int = 1) -> None:
        if self._add_broken is not None:
            self._add_broken(self.where(line), problem)


def _object(document: _Document) -> tuple[str, int | None]:
    """Product id ("" for none) and ordinal of an event."""
    attributes = document.get("event_attributes")
    attributes = attributes if isinstance(attributes, dict) else {}
    item, position = attributes.get("object"), attributes.get("position")
    product = _identity(item.get("object_id")) if isinstance(item, dict) else ""
    ordinal = position.get("ordinal") if isinstance(position, dict) else None
    valid = isinstance(ordinal, int) and not isinstance(ordinal, bool) and ordinal >= 0
    return product, ordinal if valid else None


def _identity(value: object) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _merge(searches: list[_Search]) -> tuple[Integers, list[str], Integers]:
    """Logged searches of one session for one query are one: its number by theirs, its query and its session."""
    numbers: dict[tuple[str, str], int] = {}
    merged = [numbers.setdefault((one.session, one.query), len(numbers)) for one in searches]
    sessions: dict[str, int] = {}
    of_search = [sessions.setdefault(session, len(sessions)) for session, _ in numbers]
    return (
        np.array(merged, dtype=np.int64),
        [query for _, query in numbers],
        np.array(of_search, dtype=np.int64),
    )


def _first_of_each(search: Integers, pair: Integers, position: Integers) -> tuple[Integers, Integers, Integers]:
    """Each (search, pair) once, with its highest position; sorted."""
    order = np.lexsort((position, pair, search))
    search, pair, position = search[order], pair[order], position[order]
    first = np.ones(len(search), dtype=bool)
    first[1:] = (search[1:] != search[:-1]) | (pair[1:] != pair[:-1])
    return search[first], pair[first], position[first]
