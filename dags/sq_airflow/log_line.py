"""Reads a stage's log: JSON lines with `level` and `message`, or plain text."""

from __future__ import annotations

import json

NO_OUTPUT = "the stage wrote no log"


def error_message(line: str) -> str:
    """The message of an error event, or of one that stops the run; empty for any other line."""
    try:
        event = json.loads(line)
    except ValueError:
        return ""
    is_error = isinstance(event, dict) and (event.get("level") == "error" or event.get("stops") is True)
    return str(event.get("message", "")) if is_error else ""


def last_error(text: str) -> str:
    """The message of the last error event; the last line if there is none."""
    lines = [line for line in text.splitlines() if line.strip()]
    messages = (error_message(line) for line in reversed(lines))
    return next((message for message in messages if message), lines[-1] if lines else NO_OUTPUT)
