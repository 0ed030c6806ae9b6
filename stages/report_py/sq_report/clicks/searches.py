"""The searches of a click log."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from sq_report.clicks.table import Integers


@dataclass
class Search:
    """A search.

    Attributes:
        logged: false as long as only events of the search were read.
        client: of the search, "" if it is not known.
        session: which session searched. A client without sessions is one.
        hits: products that the log lists as its results, in order.
    """

    number: int
    query: str
    application: str
    client: str
    session: str
    logged: bool
    hits: list[str] = field(default_factory=list)


def merge(searches: list[Search]) -> tuple[Integers, list[str], Integers]:
    """Joins the searches of one session for one query.

    Returns:
        The new number of each search, and the query and the session (number) of each joined search.
    """
    numbers: dict[tuple[str, str], int] = {}
    merged = [numbers.setdefault((one.session, one.query), len(numbers)) for one in searches]
    sessions: dict[str, int] = {}
    of_search = [sessions.setdefault(session, len(sessions)) for session, _ in numbers]
    return (
        np.array(merged, dtype=np.int64),
        [query for _, query in numbers],
        np.array(of_search, dtype=np.int64),
    )
