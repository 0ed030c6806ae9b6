"""How a table in text is written: its separator, its encoding and the length of its cells."""

from __future__ import annotations

import csv
import io
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from sq.v1.source_pb2 import CsvDialect
from sq_stagekit import InputError

CELL_LIMIT = 1 << 20
# The likelier one first.
SEPARATORS = (",", ";", "\t", "|")
_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_LOG = logging.getLogger("sq")


@dataclass(frozen=True, slots=True)
class Dialect:
    """What the configuration says of a table. What is empty is found in the file.

    Attributes:
        setting: the field of the configuration that holds the dialect, for errors and logs.
        cell_limit: most characters in a cell.
    """

    setting: str
    separator: str = ""
    encoding: str = ""
    cell_limit: int = CELL_LIMIT

    @classmethod
    def of(cls, config: CsvDialect, field: str) -> Dialect:
        """Raises InputError if there is no such encoding, or the separator cannot part cells.

        Args:
            field: of the configuration that names the file.
        """
        setting = f"{field.removesuffix('.uri')}.csv"
        try:
            "".encode(config.encoding or "utf-8")
        except LookupError as error:
            fix = "set it to utf-8, windows-1252, utf-16 or another encoding that Python has"
            raise InputError(f"{setting}.encoding", f"there is no encoding {config.encoding!r}", fix) from error
        if config.separator in ('"', "\n", "\r", "\0"):
            raise InputError(f"{setting}.separator", f"{config.separator!r} cannot part cells", "give another one")
        return cls(setting, config.separator, config.encoding, config.cell_limit or CELL_LIMIT)

    def show(self, uri: str, separator: str) -> None:
        """Logs the separator of a file, if it is not a comma."""
        if separator != ",":
            extra = {"file": uri, "separator": _NAMES.get(separator, separator), "setting": f"{self.setting}.separator"}
            _LOG.info("the table's cells are separated", extra=extra)

    def show_encoding(self, uri: str, encoding: str) -> None:
        """Logs an encoding that was found and is not UTF-8."""
        extra = {"file": uri, "encoding": encoding, "setting": f"{self.setting}.encoding"}
        _LOG.warning("the text is not UTF-8", extra=extra)


def find_separator(sample: str) -> str:
    """The separator of a table, by its header and the rows after it.

    A comma wins if it fits every row. Otherwise the one wins that fits most rows, then the one with most columns.

    Args:
        sample: the table's first lines.
    """
    fits = [_fit(sample, separator) for separator in SEPARATORS]
    if fits[0].columns > 1 and fits[0].misfits == 0:
        return ","
    best = max(fits, key=lambda fit: (fit.columns > 1, fit.matches, fit.columns))
    return best.separator if best.columns > 1 else ","


@dataclass(frozen=True, slots=True)
class _Fit:
    """How many columns a separator gives the header, and how many rows have as many cells or not."""

    separator: str
    columns: int = 0
    matches: int = 0
    misfits: int = 0


def _fit(sample: str, separator: str) -> _Fit:
    # A lone quote can make a cell of all that is left.
    csv.field_size_limit(max(len(sample), 1))
    rows: list[Sequence[str]] = [row for row in csv.reader(io.StringIO(sample, newline=""), delimiter=separator) if row]
    header, *others = rows or [[]]
    matches = sum(len(row) == len(header) for row in others)
    return _Fit(separator, len(header), matches, len(others) - matches)
