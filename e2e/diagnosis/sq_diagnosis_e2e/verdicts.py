"""Whether a diagnosis names what is broken, and what it predicts comes true."""

from __future__ import annotations

from dataclasses import dataclass

from sq.v1.report_pb2 import FailureClass, MarketReport
from sq_diagnosis_e2e.shops import Shop
from sq_diagnosis_e2e.truth import MarketRun, came

# A prediction may be off by this share of what came, or by this much nDCG, whichever is more.
_SHARE = 0.25
_POINT = 0.01
_MECHANISM = "MECHANISM/"


@dataclass(frozen=True)
class Verdict:
    """One line of the table.

    Attributes:
        inside: whether what came lies in the interval; None where there is no interval.
    """

    line: str
    passed: bool
    inside: bool | None = None


def judge(shop: Shop, broken: MarketRun, sound: MarketRun) -> Verdict:
    """The verdict on one shop's diagnosis."""
    claimed = [item for item in broken.report.failure_classes if item.claimed]
    if not shop.right:
        named = ", ".join(item.class_id for item in claimed)
        return _verdict(shop, "nothing is broken", f"claimed {named}" if claimed else "")
    item = next((item for item in broken.report.failure_classes if item.class_id == shop.right), None)
    if item is None or not item.claimed:
        return _verdict(shop, "rank –", f"{shop.right} is not claimed{_tested(broken.report, shop.right)}")
    first = claimed[0].class_id
    wrong = "" if first == shop.right else f"{first} comes first"
    if not shop.right.startswith(_MECHANISM):
        return _verdict(shop, f"rank {item.rank}, {item.headline}", wrong)
    return _measured(shop, item, came(broken, sound, broken.eligible(item.mechanism)), wrong)


def _measured(shop: Shop, item: FailureClass, gain: float, wrong: str) -> Verdict:
    predicted = item.effect
    if not wrong and abs(predicted.value - gain) > max(_POINT, _SHARE * abs(gain)):
        wrong = "the prediction is off by more than 25 % and a point"
    interval = f" [{_points(predicted.low)}, {_points(predicted.high)}]" if predicted.claimed else ""
    said = f"rank {item.rank}, predicted {_points(predicted.value)}{interval}, came {_points(gain)}"
    inside = predicted.low <= gain <= predicted.high if predicted.claimed else None
    return _verdict(shop, said, wrong, inside)


def _tested(report: MarketReport, right: str) -> str:
    tests = {f"{_MECHANISM}{test.mechanism}": test for test in report.probing.tests}
    test = tests.get(right)
    return f" (p {test.p_value:.3f} over {test.eligible_queries} queries: {test.reason})" if test else ""


def _verdict(shop: Shop, said: str, wrong: str, inside: bool | None = None) -> Verdict:
    return Verdict(f"{shop.name}: {said}, {f'FAIL {wrong}' if wrong else 'ok'}", not wrong, inside)


def _points(share: float) -> str:
    return f"{100 * share:.1f}"
