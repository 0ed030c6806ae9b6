"""The results of the simulation as tables."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table

from sq_claims.coverage import Coverage
from sq_claims.data_gaps import DataGaps
from sq_claims.false_claims import FalseClaims
from sq_claims.power import FalseAmong, Power


def _table(title: str, names: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    table = Table(title=title, title_justify="left")
    for place, name in enumerate(names):
        table.add_column(name, justify="right" if place else "left")
    for row in rows:
        table.add_row(*row)
    return table


def false_claims_table(found: Sequence[FalseClaims]) -> Table:
    names = ("changes where nothing is wrong", "markets", "with any claim", "tests with p at most 5 %")
    rows = [(one.kind, f"{one.markets.trials:,}", str(one.markets), str(one.tests)) for one in found]
    return _table("Healthy markets of twelve mechanisms", names, rows)


def false_among_table(found: Sequence[FalseAmong]) -> Table:
    names = ("changes of the other eight", "claims", "false, mean of markets", "false of all", "false of items claimed")
    rows = [
        (one.kind, f"{one.mechanisms.trials:,}", f"{one.share:.1%}", str(one.mechanisms), str(one.items))
        for one in found
    ]
    return _table("Four planted mechanisms of twelve", names, rows)


def power_table(found: Sequence[Power]) -> Table:
    names = ("eligible queries", "of them helped", "claimed alone of 14", "claimed beside four others of 14")
    rows = [(str(one.eligible), f"{one.helped:.0%}", str(one.alone), str(one.among)) for one in found]
    return _table("Power", names, rows)


def coverage_table(found: Sequence[Coverage]) -> Table:
    names = ("figure", "intervals", "hold the truth", "truth below", "above", "at least holds", "shown")
    rows = [
        (
            one.figure,
            f"{one.within.trials:,}",
            str(one.within),
            f"{one.below:.1%}",
            f"{one.above:.1%}",
            f"{one.at_least.value:.1%}",
            f"{one.shown.value:.0%}",
        )
        for one in found
    ]
    return _table("95 % intervals against the whole log", names, rows)


def data_gaps_table(found: Sequence[DataGaps]) -> Table:
    names = ("products without a colour", "queries that show the gap", "markets with a false claim", "gaps found")
    rows = [
        (f"{one.missing:.0%}", f"{one.showing:.0%}", str(one.false), str(one.found) if one.found.trials else "–")
        for one in found
    ]
    return _table("Gaps in the data, six colours a market", names, rows)
