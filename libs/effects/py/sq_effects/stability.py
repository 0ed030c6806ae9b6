"""Whether the engine still answers as it did."""

from __future__ import annotations

from collections.abc import Sequence

from sq_effects.settings import EffectSettings


def changed_places(first: Sequence[Sequence[str]], again: Sequence[Sequence[str]], k: int) -> float:
    """Share of the first k places that hold another product when the same queries are asked again, 0..1.

    A place that only one of the two answers has is changed. 0 where no answer has a place.

    Args:
        first, again: product ids of each query by rank.

    Raises:
        ValueError: the two are not about equally many queries.
    """
    if len(first) != len(again):
        raise ValueError(f"{len(first)} first answers, {len(again)} answers asked again")
    places = changed = 0
    for before, after in zip(first, again, strict=True):
        longer = max(len(before[:k]), len(after[:k]))
        same = sum(one == other for one, other in zip(before[:k], after[:k], strict=False))
        places += longer
        changed += longer - same
    return changed / places if places else 0.0


def unstable(first: Sequence[Sequence[str]], again: Sequence[Sequence[str]], k: int, settings: EffectSettings) -> str:
    """Why nothing can be claimed, empty where the engine is stable enough."""
    share = changed_places(first, again, k)
    if share <= settings.unstable_share:
        return ""
    return (
        f"the engine changed during the run: {share:.1%} of the first {k} places differ when the same queries are "
        f"asked again, over {settings.unstable_share:.1%}; run again while the index is not written to"
    )
