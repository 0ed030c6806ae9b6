"""Where judge and probe decide by one list, so that the judge cannot contradict the probe."""

from __future__ import annotations

from collections.abc import Iterable

from sq_report.judge_kinds import starts_from_rules

_SHARED = {
    "accessories": (
        "Judge and probe use one list of accessory words. So the judge cannot contradict the gain of lowering "
        "accessories. Check it with another judge."
    ),
    "operator": (
        "The judge takes points for each word that a product lacks, and the probe changes how many words must match. "
        "So the judge favours that change. Check the gain with another judge."
    ),
}


def shared_list(mechanism: str, judges: Iterable[str]) -> str:
    """Why a mechanism's gain is no independent figure under these judges; empty where it is one."""
    return _SHARED.get(mechanism, "") if any(map(starts_from_rules, judges)) else ""
