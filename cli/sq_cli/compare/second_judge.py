"""What of a run survives another judge: the grades of the same pairs, the claims, and their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sq_agreement import Figure, agreement, kendall_tau
from sq_cli.compare.run_records import MarketRun

# Of the first run's traffic. With less, the second run may lack a claim for want of queries or of judgments.
_ENOUGH = 0.9


@dataclass(frozen=True)
class SecondJudge:
    """Attributes:
    judges: names of the judges of the first run, and of the second.
    pairs: that both runs judged.
    kappa: quadratic kappa of their grades, with its interval over queries.
    kept: class ids that both runs claim, in the first run's order.
    lost, new: claimed by the first run alone, and by the second alone.
    tau: Kendall's tau-b of the order of the kept ones, -1..1; None for fewer than two.
    shared: share of the first run's traffic that both runs measured, 0..1.
    """

    market: str
    judges: tuple[Sequence[str], Sequence[str]]
    pairs: int
    kappa: Figure
    kept: Sequence[str]
    lost: Sequence[str]
    new: Sequence[str]
    tau: float | None
    shared: float

    @property
    def comparable(self) -> bool:
        """Whether both runs measured so much alike that a claim that is missing says something about the judge."""
        return self.shared >= _ENOUGH


def second_judge(market: str, first: MarketRun, second: MarketRun, shared: float) -> SecondJudge | None:
    """The claims of both runs beside each other; None where the same judges graded both.

    Args:
        shared: see SecondJudge.
    """
    if first.judges == second.judges:
        return None
    pairs = [
        (query_id, product)
        for query_id, grades in first.grades.items()
        for product in grades
        if product in second.grades.get(query_id, {})
    ]
    grades = [[run.grades[query_id][product] for query_id, product in pairs] for run in (first, second)]
    found = agreement(*grades, [query_id for query_id, _ in pairs]) if pairs else None
    kept = [claim for claim in first.claims if claim in second.claims]
    return SecondJudge(
        market,
        (sorted(first.judges), sorted(second.judges)),
        len(pairs),
        found.quadratic_kappa if found else Figure(None),
        kept,
        [claim for claim in first.claims if claim not in second.claims],
        [claim for claim in second.claims if claim not in first.claims],
        kendall_tau(range(len(kept)), [second.claims.index(claim) for claim in kept]),
        shared,
    )
