"""Warnings of one task, equal ones counted."""

from __future__ import annotations

import re

# Fields of an event that say why; "reason" tells kinds apart, the others differ from one event to the next.
_KIND = "reason"
_WHY = ("detail", "error", "problem", "file")
_NOTE = "note"
# A share that a stage follows, such as "49 of 50 pairs failed: INVALID (49)": what is said later replaces it.
_SHARE = re.compile(r"\d+ of \d+ ([^:]+)")


class KeptWarnings:
    """Keeps the warnings of a task until it ends, so that equal ones become one line."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], int] = {}
        self._why: dict[tuple[str, str], str] = {}
        self._counted: set[tuple[str, str]] = set()

    def add(self, event: dict) -> None:
        """Takes a warning.

        Its field `count`, where it has one, is how many things it is about. `repeated` is how many equal lines of the
        stage's log it stands for.
        """
        kind = event["message"], str(event.get(_KIND, ""))
        if "unusable" in event and "of" in event:
            self._forget_share(event["message"])
        self._counts[kind] = self._counts.get(kind, 0) + int(event.get("count", 1)) * int(event.get("repeated", 1))
        if "count" in event:
            self._counted.add(kind)
        if kind not in self._why:
            self._why[kind] = _why(event)

    def forget(self, error: str) -> None:
        """Takes back warnings that the error, which is shown after them, says again."""
        for kind in list(self._counts):
            if kind[0] in error or (self._why[kind] and self._why[kind] in error):
                del self._counts[kind]

    def _forget_share(self, message: str) -> None:
        """Takes back the warning about the same share up to an earlier point."""
        share = _SHARE.match(message)
        for kind in list(self._counts):
            before = _SHARE.match(kind[0])
            if share and before and before[1] == share[1]:
                del self._counts[kind]

    def lines(self) -> list[str]:
        """One line a message and reason, in the order in which they came: how many, and why the first."""
        return [self._line(kind, count) for kind, count in self._counts.items()]

    def _line(self, kind: tuple[str, str], count: int) -> str:
        message, reason = kind
        said = message
        if kind in self._counted:
            said = f"{count} {message}"
        elif count > 1:
            said = f"{message} ({count} times)"
        return ": ".join(part for part in (said, reason, self._why[kind]) if part)


def _why(event: dict) -> str:
    """The HTTP status, where the reason does not say it, and the other side's words."""
    said = next((str(event[name]) for name in _WHY if event.get(name)), "")
    status = str(event.get("status", "") or "")
    if status and status not in said:
        said = ": ".join(part for part in (f"HTTP {status}", said) if part)
    note = str(event.get(_NOTE, "") or "")
    return f"{said} ({note})" if said and note else said or note
