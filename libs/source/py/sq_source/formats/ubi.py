"""User Behavior Insights: the queries and events of a search as NDJSON, with or without lines of the bulk API."""

from __future__ import annotations

from sq_source.formats.ndjson import Ndjson


class Ubi(Ndjson):
    # Its files have the extensions of NDJSON, so the configuration has to name the format.
    extensions = ()
    logs_only = True
