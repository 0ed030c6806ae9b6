"""The ranking of failure classes: which causes lose traffic, and which of them may be claimed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum

import numpy as np
from scipy import stats

from sq.v1.report_pb2 import FailureClass
from sq_report.attribution import attribute
from sq_report.causes import Cause, Sign, candidates, signs
from sq_report.intervals import group_sums
from sq_report.permutation import LARGEST_BACKGROUND, LARGEST_GROUP, Background, level
from sq_report.ranking import rank
from sq_report.segments import Scored
from sq_report.settings import Settings


@dataclass(frozen=True)
class Contrast:
    """How a cause's queries compare with those without a cause.

    Attributes:
        queries: that show the cause, whatever they lose.
        excess: mean of 1 - nDCG over them, less that of comparable queries.
    """

    queries: int
    p_value: float
    q_value: float
    excess: float


@dataclass(frozen=True)
class Findings:
    """What was found out about a market's losses.

    Attributes:
        classes: claimed ones first, by loss.
        causes: by query number.
        background: queries without a candidate cause.
    """

    classes: list[FailureClass]
    causes: dict[int, Cause]
    background: int


def find_causes(scored: Sequence[Scored], market: str, settings: Settings) -> Findings:
    """Attributes every query's loss once, tests each cause, and ranks the classes."""
    all_signs = [signs(one.data, settings.k) if one.measures.measured else [] for one in scored]
    found = candidates(all_signs)
    sample = _Sample(scored, all_signs, found, settings)
    causes = attribute(found, _losses(scored, settings))
    tests = sample.test_all()
    classes = _classes(scored, causes, tests, market, settings)
    return Findings(rank(classes), causes, len(sample.background))


def _losses(scored: Sequence[Scored], settings: Settings) -> dict[int, float]:
    """Of the queries that lose enough for a cause to be sought, by number."""
    return {
        number: one.data.traffic_share * one.measures.miss
        for number, one in enumerate(scored)
        if one.measures.miss >= settings.minimum_loss
    }


class _Sample:
    """The queries of a market as the tests see them: by number, one vote each, loss apart from traffic."""

    def __init__(
        self,
        scored: Sequence[Scored],
        all_signs: Sequence[Sequence[Sign]],
        found: Sequence[frozenset[Cause]],
        settings: Settings,
    ) -> None:
        self._scored = scored
        self._signs = all_signs
        self._settings = settings
        self._measured = [number for number, one in enumerate(scored) if one.measures.measured]
        self.background = [number for number in self._measured if not found[number]]
        self._exposed: dict[Cause, list[int]] = {}
        for number in self._measured:
            for cause in found[number]:
                self._exposed.setdefault(cause, []).append(number)
        self._shared = self._against(self.background) if self._enough(self.background) else None

    def test_all(self) -> dict[Cause, Contrast]:
        """One test a candidate cause, adjusted for their number (Benjamini and Hochberg 1995)."""
        causes = sorted(self._exposed)
        p_values = [self._p_value(cause) for cause in causes]
        q_values = stats.false_discovery_control(p_values, method="bh") if causes else []
        return {
            cause: Contrast(len(self._exposed[cause]), p, float(f"{q:.6g}"), self._excess(cause))
            for cause, p, q in zip(causes, p_values, q_values, strict=True)
        }

    def _p_value(self, cause: Cause) -> float:
        background = self._shared
        if background is None:
            others = self._others(cause)
            if not self._enough(others):
                return 1.0
            background = self._against(others)
        return background.p_value(self._levels(self._drawn(self._exposed[cause], LARGEST_GROUP)))

    def _excess(self, cause: Cause) -> float:
        controls = self._comparable(cause)
        if not self._enough(controls):
            controls = self.background if self._enough(self.background) else self._others(cause)
        return self._mean(self._exposed[cause]) - self._mean(controls) if controls else 0.0

    def _comparable(self, cause: Cause) -> list[int]:
        """Background queries that name a thing of the same sort, with nothing wrong about it."""
        sort = (cause.kind, cause.tag_type)
        return [n for n in self.background if any((s.cause.kind, s.cause.tag_type) == sort for s in self._signs[n])]

    def _others(self, cause: Cause) -> list[int]:
        exposed = set(self._exposed[cause])
        return [number for number in self._measured if number not in exposed]

    def _enough(self, numbers: Sequence[int]) -> bool:
        return len(numbers) >= self._settings.minimum_sample

    def _against(self, numbers: Sequence[int]) -> Background:
        return Background(self._levels(self._drawn(numbers, LARGEST_BACKGROUND)))

    def _drawn(self, numbers: Sequence[int], most: int) -> Sequence[int]:
        """At most so many of them, drawn by the seed and without regard to what they lose."""
        return sorted(numbers, key=self._lot)[:most] if len(numbers) > most else numbers

    def _lot(self, number: int) -> bytes:
        text = f"{self._settings.seed} {self._scored[number].data.query_id}"
        return hashlib.sha256(text.encode()).digest()

    def _levels(self, numbers: Sequence[int]) -> list[int]:
        return [level(self._scored[number].measures.miss) for number in numbers]

    def _mean(self, numbers: Sequence[int]) -> float:
        return fsum(self._scored[number].measures.miss for number in numbers) / len(numbers)


def _classes(
    scored: Sequence[Scored], causes: dict[int, Cause], tests: dict[Cause, Contrast], market: str, settings: Settings
) -> list[FailureClass]:
    kinds = sorted(set(causes.values()))
    numbers = {cause: number for number, cause in enumerate(kinds)}
    groups = np.array([numbers[causes[n]] if n in causes else -1 for n in range(len(scored))], dtype=np.intp)
    misses = np.array([one.measures.miss for one in scored])
    weights = np.array([one.data.traffic_share for one in scored])
    classes = []
    for cause, loss in zip(kinds, group_sums(misses, weights, groups, settings, "failure classes"), strict=True):
        test = tests[cause]
        claimed = (
            test.q_value <= settings.false_discovery_rate
            and loss.claimed
            and loss.low > 0
            and test.excess >= settings.minimum_loss
        )
        classes.append(
            FailureClass(
                class_id=cause.class_id,
                kind=cause.kind,
                tag_type=cause.tag_type,
                value=cause.value,
                market=market,
                loss=loss,
                traffic_share=fsum(weights[groups == numbers[cause]]),
                queries=loss.queries,
                p_value=test.p_value,
                q_value=test.q_value,
                claimed=claimed,
                tested_queries=test.queries,
                excess_loss=round(test.excess, 9),
            )
        )
    return classes
