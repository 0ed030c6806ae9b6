"""Repairs as text to paste, for OpenSearch or Elasticsearch and for Solr."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sq.v1.report_pb2 import Suggestion

OPENSEARCH = "OpenSearch"
SOLR = "Solr"
ANY = "any"
_SHOWN = 50


def analysis(filters: dict[str, dict], solr: Sequence[str], note: str, kind: str = "filter") -> list[Suggestion]:
    """A part of an analyser for both kinds of engine.

    Args:
        filters: OpenSearch's definitions by name.
        solr: lines of schema.xml.
        note: where the part goes.
        kind: OpenSearch's name for such parts: "filter" for those of tokens, or "char_filter".
    """
    body = json.dumps({"analysis": {kind: filters}}, ensure_ascii=False, indent=2)
    return [
        Suggestion(engine=OPENSEARCH, text=f"# {note}\n{body}"),
        Suggestion(engine=SOLR, text="\n".join([f"<!-- {note} -->", *solr])),
    ]


def request(opensearch: dict, solr: str, note: str = "") -> list[Suggestion]:
    """A change to the request.

    Args:
        note: when and how to send it; empty where the change says so itself.
    """
    before = f"# {note}\n" if note else ""
    return [
        Suggestion(engine=OPENSEARCH, text=before + json.dumps(opensearch, ensure_ascii=False, indent=2)),
        Suggestion(engine=SOLR, text=before + solr),
    ]


def lines(heading: str, entries: Sequence[str]) -> Suggestion:
    """Lines of a file that every engine reads, such as synonyms.txt. Long lists end with their number."""
    more = [f"# and {len(entries) - _SHOWN} more"] if len(entries) > _SHOWN else []
    return Suggestion(engine=ANY, text="\n".join([f"# {heading}", *entries[:_SHOWN], *more]))


def synonyms(items: Sequence[str], both_ways: bool = True, where: str = "") -> Suggestion:
    """Items such as "toners → toner" as lines of synonyms.txt (Solr's format, which OpenSearch reads too)."""
    joint = ", " if both_ways else " => "
    # Both ways, "a, b" and "b, a" are one line.
    once: dict[object, str] = {}
    for item in items:
        once.setdefault(frozenset(item.split(" → ")) if both_ways else item, item.replace(" → ", joint))
    return lines(f"synonyms.txt, {where}" if where else "synonyms.txt", list(once.values()))
