"""`bazel run //bench:claims -- [--short] [--json]`: simulated markets that test the error rates of claims."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console

from sq_claims.coverage import Coverage, coverage
from sq_claims.data_gaps import DataGaps, find_gaps
from sq_claims.false_claims import FalseClaims, false_claims
from sq_claims.power import FalseAmong, Power, false_among, power
from sq_claims.rate import Rate
from sq_claims.tables import coverage_table, data_gaps_table, false_among_table, false_claims_table, power_table


@dataclass(frozen=True)
class Counts:
    """The number of simulations for a row of each table."""

    healthy: int
    among: int
    power: int
    logs: int


LONG = Counts(healthy=1000, among=300, power=500, logs=2000)
SHORT = Counts(healthy=60, among=30, power=50, logs=100)


@dataclass(frozen=True)
class Found:
    """All tables."""

    false_claims: Sequence[FalseClaims]
    false_among: Sequence[FalseAmong]
    power: Sequence[Power]
    coverage: Sequence[Coverage]
    data_gaps: Sequence[DataGaps]

    def verdict(self) -> str:
        rates = [*(one.markets for one in self.false_claims), *(one.false for one in self.data_gaps)]
        worst = max(rates, key=lambda rate: rate.value)
        covered = [one.within.value for one in self.coverage]
        return f"worst false-claim rate {worst}, worst coverage {min(covered):.1%}..{max(covered):.1%}"


def simulate(counts: Counts) -> Found:
    return Found(
        false_claims(counts.healthy),
        false_among(counts.among),
        power(counts.power),
        coverage(counts.logs),
        find_gaps(counts.healthy),
    )


def _plain(value: object) -> object:
    if isinstance(value, Rate):
        return {"value": value.value, "low": value.low, "high": value.high, "trials": value.trials}
    if dataclasses.is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    return [_plain(one) for one in value] if isinstance(value, list) else value


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="fewer markets, for a quick check in under three minutes")
    parser.add_argument("--json", action="store_true", help="print the tables as JSON")
    flags = parser.parse_args()
    found = simulate(SHORT if flags.short else LONG)
    if flags.json:
        print(json.dumps({**_plain(found), "verdict": found.verdict()}, indent=2))
        return 0
    console = Console(width=140)
    for table in (
        false_claims_table(found.false_claims),
        false_among_table(found.false_among),
        power_table(found.power),
        coverage_table(found.coverage),
        data_gaps_table(found.data_gaps),
    ):
        console.print(table)
    print(found.verdict())
    return 0


if __name__ == "__main__":
    sys.exit(main())
