"""What a history held at one moment about one market."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sq_history.row import Row, Scope


@dataclass(frozen=True)
class Unread:
    """An object below the history's URI that was not read.

    Attributes:
        name: relative to the URI.
        why: in one sentence, without a full stop.
    """

    name: str
    why: str


@dataclass(frozen=True)
class Snapshot:
    """Rows of the last runs, in the order of their interval's date.

    Attributes:
        digests: name and sha256 of each object that was read, in order.
    """

    uri: str
    rows: tuple[Row, ...] = ()
    unread: tuple[Unread, ...] = ()
    digests: tuple[tuple[str, str], ...] = ()

    @property
    def digest(self) -> str:
        """ "sha256:<hex>" over the names and contents of what was read: equal digests, equal trends."""
        lines = "".join(f"{sha256} {name}\n" for name, sha256 in self.digests)
        return f"sha256:{hashlib.sha256(lines.encode()).hexdigest()}"

    @property
    def markets(self) -> list[Row]:
        """The rows of the market as a whole, one for each run."""
        return [row for row in self.rows if row.scope == Scope.MARKET]
