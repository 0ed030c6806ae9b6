"""Whether a query set is a sample of its log."""

from sq.v1.query_pb2 import QueryLogSummary


def no_interval(summary: QueryLogSummary) -> str:
    """One sentence that says why a figure has no interval: where all queries were taken, nothing was drawn."""
    chosen = summary.queries + summary.failures
    if chosen and chosen >= summary.distinct_queries:
        return "Figures in round brackets have no interval, because all queries of the log were taken."
    return "Figures in round brackets rest on too few queries for an interval."
