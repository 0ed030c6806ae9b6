"""What one mechanism's probes did to its eligible queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Trial:
    """The changes of nDCG of all eligible queries of a mechanism, those harmed included.

    Attributes:
        mechanism: its name, unique among the trials of a market.
        changes: names of the candidate changes, at least one.
        query: (eligible,) position of each query in the Sample, each at most once.
        item: (eligible,) what the change is about: the word pair, the brand, the pattern.
        delta: (eligible, changes) nDCG of the form less nDCG of the original; NaN where a change does not apply to
            a query, which then keeps its original results.
        listed: whether the repair is a list of items (synonym lines), so that harmful items can be left out. False
            means one setting for all items (stemming).
        uncontested: whether the judge decides by what was changed, and so cannot contradict the gain. Such a trial
            explains only what the others leave.
    """

    mechanism: str
    changes: Sequence[str]
    query: NDArray[np.intp]
    item: Sequence[str]
    delta: NDArray[np.float64]
    listed: bool = False
    uncontested: bool = False

    def __post_init__(self) -> None:
        if self.delta.shape != (len(self.query), len(self.changes)) or not self.changes:
            raise ValueError(
                f"{self.mechanism}: delta has shape {self.delta.shape}, "
                f"not {len(self.query)} queries by {len(self.changes)} changes"
            )
        if len(self.item) != len(self.query):
            raise ValueError(f"{self.mechanism}: {len(self.item)} items for {len(self.query)} queries")
        if len(np.unique(self.query)) != len(self.query):
            raise ValueError(f"{self.mechanism}: a query stands twice among its eligible queries")
        if (np.abs(self.delta) > 1).any():
            raise ValueError(f"{self.mechanism}: delta has a value outside -1 to 1")

    def __len__(self) -> int:
        return len(self.query)

    def only(self, rows: NDArray[np.intp]) -> Trial:
        """The trial of some of the eligible queries, by their position in this trial."""
        return replace(
            self, query=self.query[rows], item=[self.item[row] for row in rows.tolist()], delta=self.delta[rows]
        )

    def less(self, recovered: NDArray[np.float64]) -> Trial:
        """What is left to gain once other repairs have been made.

        Of a gain only what exceeds the recovered one is left; a harm is left whole. So nothing is ever above the
        change alone, and a test that holds for the change holds for what is left.

        Args:
            recovered: (queries of the sample,) gain of nDCG by the best form attributed already, at least 0.
        """
        gain = np.maximum(self.delta - recovered[self.query][:, np.newaxis], 0)
        return replace(self, delta=np.where(self.delta > 0, gain, self.delta))

    def items(self, minimum: int) -> dict[str, NDArray[np.intp]]:
        """Items of at least that many eligible queries, by name in order, with the positions of their queries."""
        rows: dict[str, list[int]] = {}
        for row, item in enumerate(self.item):
            rows.setdefault(item, []).append(row)
        return {item: np.array(of) for item, of in sorted(rows.items()) if len(of) >= minimum}
