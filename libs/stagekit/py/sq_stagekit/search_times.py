"""When the search endpoint was asked for the answers that an artefact was made from."""

from __future__ import annotations

from collections.abc import Iterable

from sq.v1.manifest_pb2 import SearchTime
from sq_handoff import ArtefactReader

# The stage that asks the search endpoint.
_STAGE = "retrieve"


def search_times(inputs: Iterable[ArtefactReader]) -> list[SearchTime]:
    """One item for each artefact of answers among the inputs, and among what they were made from."""
    found: dict[str, SearchTime] = {}
    for reader in inputs:
        made = reader.manifest.provenance
        found |= {item.uri: item for item in made.searched}
        if made.stage == _STAGE and made.HasField("start_time"):
            found[reader.uri] = SearchTime(uri=reader.uri, market=made.market, start=made.start_time, end=made.end_time)
    return list(found.values())


def search_days(times: Iterable[SearchTime], market: str) -> str:
    """The days (UTC) on which a market's search endpoint was asked, such as "2026-11-26"; empty if unknown."""
    of_market = [item for item in times if item.market == market]
    if not of_market:
        return ""
    first = min(item.start.ToDatetime() for item in of_market).date().isoformat()
    last = max(item.end.ToDatetime() for item in of_market).date().isoformat()
    return first if first == last else f"{first} to {last}"
