"""Adds up the counts of parts, in their order. The sum is what one reader of the whole log would count."""

from __future__ import annotations

from collections.abc import Iterable

from sq_generate.query_log.counts import EXAMPLES, LogCounts


def add_up(parts: Iterable[LogCounts]) -> LogCounts:
    total = LogCounts()
    for part in parts:
        total.broken += part.broken
        total.events += part.events
        total.outside += part.outside
        total.missing += part.missing
        total.seen += part.seen
        total.unparsed += part.unparsed
        total.uncounted += part.uncounted
        total.names |= part.names
        total.examples += part.examples[: EXAMPLES - len(total.examples)]
    return total
