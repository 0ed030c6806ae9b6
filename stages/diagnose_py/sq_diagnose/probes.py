"""Probes as queries of a query set."""

from __future__ import annotations

import hashlib

from sq.v1.query_pb2 import PROBE_FORM_REPEAT, Probe, ProbeForm, Query
from sq_mechanisms import Change

REPEAT = "repeat"


def probe(query: Query, mechanism: str, form: ProbeForm, change: Change) -> Query:
    """The changed query. It keeps the segment and language of its original, which is judged in its place."""
    return made(
        query,
        change.text,
        Probe(
            probe_of=query.query_id,
            mechanism=mechanism,
            item=change.item,
            rule=change.rule,
            change=change.words,
            form=form,
            request=change.request if change.request.ByteSize() else None,
        ),
    )


def repeat(query: Query) -> Query:
    """The query itself, to be asked again."""
    return made(query, query.text, Probe(probe_of=query.query_id, mechanism=REPEAT, form=PROBE_FORM_REPEAT))


def made(query: Query, text: str, what: Probe) -> Query:
    return Query(
        query_id=probe_id(text, what),
        segment_id=query.segment_id,
        source_text=query.source_text,
        source_language=query.source_language,
        text=text,
        language=query.language,
        band=query.band,
        probe=what,
    )


def probe_id(text: str, what: Probe) -> str:
    """ "p" and 16 hexadecimal digits of everything that is sent and why: equal probes have equal ids in every run."""
    digest = hashlib.sha256(text.encode() + b"\0" + what.SerializeToString(deterministic=True))
    return "p" + digest.hexdigest()[:16]
