"""Rows of a query log in any format. Every engine reads through LogReader, so that all of them count alike."""

from sq_generate.query_log.batches import LogPart
from sq_generate.query_log.counts import LogCounts
from sq_generate.query_log.reader import FIELD, LogReader, first_rows
from sq_generate.query_log.rows import Row

__all__ = ["FIELD", "LogCounts", "LogPart", "LogReader", "Row", "first_rows"]
