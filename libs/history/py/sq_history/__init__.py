"""The figures of finished runs over time, as Parquet by day; and a chart that names a change beyond noise."""

from sq_history.chart import Change, Chart, Point
from sq_history.history import History, OtherFigures
from sq_history.row import Interval, Row, Scope
from sq_history.snapshot import Snapshot, Unread

__all__ = ["Change", "Chart", "History", "Interval", "OtherFigures", "Point", "Row", "Scope", "Snapshot", "Unread"]
