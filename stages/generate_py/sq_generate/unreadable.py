"""Says how much of a log cannot be used, and stops the stage when it is too much."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable

from sq.v1.generate_config_pb2 import GenerateConfig
from sq_generate.engine import Junk, Totals
from sq_generate.query_log import LogCounts
from sq_stagekit import InputError
from sq_stagekit.unusable import Unusable, first_look

_MAX_SHARE = 0.5


class Unreadable:
    """Follows the share of the log's lines that could not be read."""

    def __init__(self, config: GenerateConfig, log: logging.Logger) -> None:
        self._alarm = config.alarm
        self._max_share = config.max_unreadable_share if config.HasField("max_unreadable_share") else _MAX_SHARE
        self._log = log
        self._looked = False

    def look(self, counts: LogCounts) -> None:
        """Warns once, early, if many of the first lines cannot be read."""
        if not self._looked and counts.lines >= first_look(self._alarm):
            self._looked = True
            self._share(counts).warn()

    def check(self, counts: LogCounts) -> None:
        """Warns of lines that could not be read. Raises InputError if these are more than the configuration allows.

        One line may hold the search of most traffic, so a single one is told too.
        """
        share = self._share(counts)
        if share.unusable:
            self._log.warning(str(share), extra={"unusable": share.unusable, "of": share.total})
        if share.exceeds:
            raise InputError(
                "log",
                f"{share}, that is {share.unusable / share.total:.0%}",
                "correct the log or its format and columns; max_unreadable_share is the share that may be unreadable",
            )

    def tell_junk(self, totals: Totals, junk: Iterable[Junk]) -> None:
        """Warns if many searches are junk, which no later stage sees."""
        reasons = Counter({item.reason: item.rows for item in junk})
        Unusable.of("searches of the log are junk", totals.rows, reasons, self._alarm, 1.0, self._log).warn()

    def _share(self, counts: LogCounts) -> Unusable:
        reasons = Counter({f"such as {counts.examples[0]}": counts.broken} if counts.broken else {})
        return Unusable.of(
            "lines of the log cannot be read", counts.lines, reasons, self._alarm, self._max_share, self._log
        )
