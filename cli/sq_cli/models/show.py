"""Prints models, their versions and cards."""

from __future__ import annotations

from collections.abc import Sequence

from google.protobuf.timestamp_pb2 import Timestamp
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from sq_cli.console import out
from sq_models import CARD_FILE, OpenFolder, Registry

_DIGEST = 12


def print_models(registries: Sequence[Registry]) -> None:
    """One line for each model: its versions, and the one in production."""
    table = _table("model", "versions", "production", "since")
    for registry in registries:
        history = registry.history()
        last = history[-1].promotion if history else None
        current = (last.version, _time(last.promote_time)) if last else ("–", "")
        table.add_row(*_texts(registry.reference.name, str(len(registry.versions())), *current))
    out.print(table)


def print_versions(registry: Registry) -> None:
    """The versions of a model, oldest first, and the moves of its production pointer."""
    history = registry.history()
    current = history[-1].promotion.version if history else ""
    table = _table("version", "digest", "registered", "by", "")
    for entry in registry.versions():
        note = "in production" if entry.version == current else ""
        facts = entry.digest[:_DIGEST], _time(entry.register_time), entry.registered_by, note
        table.add_row(*_texts(entry.version, *facts))
    out.print(table)
    moves = _table("move", "version", "time", "by", "reason")
    for move in history:
        made = move.promotion
        reason = f"rollback: {made.reason}".rstrip(": ") if made.rollback else made.reason
        moves.add_row(*_texts(str(move.number), made.version, _time(made.promote_time), made.promoted_by, reason))
    if history:
        out.print(moves)


def print_version(opened: OpenFolder) -> None:
    """What a version is, and its card as JSON."""
    out.print(Text(f"{opened.pinned.uri}\nsha256 {opened.digest}, signed by a trusted key"))
    print((opened.path / CARD_FILE).read_text(encoding="utf-8").strip())


def _texts(*cells: str) -> list[Text]:
    return [Text(cell) for cell in cells]


def _table(*columns: str) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in columns:
        table.add_column(name, overflow="fold")
    return table


def _time(time: Timestamp) -> str:
    return time.ToDatetime().strftime("%Y-%m-%d %H:%M")
