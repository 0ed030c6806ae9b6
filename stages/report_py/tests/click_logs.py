"""Click logs made of a few words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from google.protobuf import json_format

from sq.v1.report_config_pb2 import ClickLog
from sq_report.clicks.log import read_clicks
from sq_report.clicks.table import ClickTable


def search(identity: str, text: str, hits: Sequence[str] = (), client: str = "", **more: object) -> dict:
    return {
        "query_id": identity,
        "user_query": text,
        "client_id": client or f"c-{identity}",
        "query_response_hit_ids": list(hits),
        **more,
    }


def event(identity: str, action: str, product: str = "", ordinal: object = None, **more: object) -> dict:
    attributes = {"object": {"object_id": product}} if product else {}
    if ordinal is not None:
        attributes["position"] = {"ordinal": ordinal}
    return {"query_id": identity, "action_name": action, "event_attributes": attributes, **more}


def write(path: Path, documents: Sequence[dict | str]) -> Path:
    lines = [one if isinstance(one, str) else json.dumps(one) for one in documents]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def read(path: Path, documents: Sequence[dict | str], **config: object) -> ClickTable:
    """The table of a log, for the queries "dress" (id q1) and "red shirt" (id q2)."""
    log = json_format.ParseDict({"uri": [str(write(path / "log.ndjson", documents))], **config}, ClickLog())
    return read_clicks(log, {"dress": "q1", "red shirt": "q2"}, lambda: None)


def rows(table: ClickTable) -> list[tuple[str, str, int, bool]]:
    """(query id, product id, position, clicked) of each row, sorted."""
    columns = zip(table.pair.tolist(), table.position.tolist(), table.clicked.tolist(), strict=True)
    return sorted((*table.pairs[pair], position, clicked) for pair, position, clicked in columns)
