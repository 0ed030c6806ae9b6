"""What every file format provides, and what the program that reads a file decides."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence

from sq.v1.source_pb2 import CsvDialect
from sq_source.mapping import Document
from sq_stagekit import InputError


class Reading:
    """One reading of one file. This one refuses a file with a broken line; query logs override it to count them.

    Attributes:
        encoding_errors: an error handler of bytes.decode(), for formats that decode a file before they split it.
        pads_short_rows: whether a row of a table may lack its last cells, which are then empty.
        csv: how a table is written, as far as the configuration says.
    """

    encoding_errors = "strict"
    pads_short_rows = False

    def __init__(self, uri: str, csv: CsvDialect | None = None) -> None:
        self.uri = uri
        self.csv = csv or CsvDialect()

    def table(self, columns: Sequence[str]) -> None:
        """Takes the names of a table's columns, before its first row.

        Formats whose documents each name their own fields never call it. May raise InputError.
        """

    def broken(self, line: int, problem: str, lines: int = 1) -> None:
        """Takes `lines` lines from `line` on that cannot be read. May raise InputError."""
        raise InputError(f"{self.uri}:{line}", problem, "correct or remove the line")


class Format(ABC):
    """Reads the files of one format.

    Attributes:
        extensions: of file names, in lower case, without the dot.
        logs_only: true if the format is for query logs, and not for catalogues or other lists.
    """

    extensions: tuple[str, ...] = ()
    logs_only = False

    @abstractmethod
    def documents(self, uri: str, field: str, reading: Reading) -> Iterator[tuple[int, Document]]:
        """(number of the line or row, from 1; document) of one file, in order.

        Args:
            field: of the configuration, for errors.

        Raises:
            InputError: the file is missing or damaged, or `reading` raises it.
        """
