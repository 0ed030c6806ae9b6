"""Where judge and clicks disagree beyond chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scipy import stats

from sq.v1.clicks_pb2 import ClickDisagreementKind

PERFECT = 4
POOR = (0, 1)


@dataclass(frozen=True)
class Clicked:
    """A judged product of one query with impressions enough.

    Attributes:
        clicks, examined: of identified positions; their ratio is its debiased rate.
    """

    pair: int
    grade: int
    clicks: int
    examined: float


@dataclass(frozen=True)
class Comparison:
    """One product held against those of its query that are judged the opposite: one-sided."""

    kind: ClickDisagreementKind
    pair: int
    p_value: float
    q_value: float = 1.0


def compare(products: Sequence[Clicked]) -> list[Comparison]:
    """The comparisons of one query: each product judged poor against those judged perfect, and the other way round."""
    poor = [one for one in products if one.grade in POOR]
    perfect = [one for one in products if one.grade == PERFECT]
    return [
        *_against(poor, perfect, ClickDisagreementKind.CLICK_DISAGREEMENT_KIND_CLICKED),
        *_against(perfect, poor, ClickDisagreementKind.CLICK_DISAGREEMENT_KIND_PASSED_OVER),
    ]


def adjust(comparisons: Sequence[Comparison]) -> list[Comparison]:
    """The comparisons with q-values over all of them (Benjamini and Hochberg 1995)."""
    if not comparisons:
        return []
    q_values = stats.false_discovery_control([one.p_value for one in comparisons], method="bh")
    return [
        Comparison(one.kind, one.pair, one.p_value, float(f"{q:.6g}"))
        for one, q in zip(comparisons, q_values, strict=True)
    ]


def _against(those: Sequence[Clicked], others: Sequence[Clicked], kind: ClickDisagreementKind) -> list[Comparison]:
    clicks = sum(one.clicks for one in others)
    examined = sum(one.examined for one in others)
    if not examined:
        return []
    return [Comparison(kind, one.pair, _p_value(one, clicks, examined, kind)) for one in those]


def _p_value(one: Clicked, clicks: int, examined: float, kind: ClickDisagreementKind) -> float:
    """P(so many clicks, or more; so few, or fewer | the clicks of both together), if the two rates are the same.

    The exact conditional test of two Poisson rates (Przyborowski, Wilenski: Homogeneity of results in testing samples
    from Poisson series, Biometrika 1940). Clicks on what was examined are fewer than Poisson's in spread, which makes
    the test the safer.
    """
    both, share = one.clicks + clicks, one.examined / (one.examined + examined)
    if kind == ClickDisagreementKind.CLICK_DISAGREEMENT_KIND_CLICKED:
        value = stats.binom.sf(one.clicks - 1, both, share)
    else:
        value = stats.binom.cdf(one.clicks, both, share)
    return float(f"{min(1.0, value):.6g}")
