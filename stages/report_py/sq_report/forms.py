"""Puts the answer to a probe together with the answer to the query it changes."""

from __future__ import annotations

from sq.v1.query_pb2 import PROBE_FORM_BLEND, ProbeForm
from sq_report.market import Answer


class NoScores(ValueError):
    """The endpoint gives no scores, so two results cannot be blended."""


def form_of(form: ProbeForm, query: Answer, probe: Answer, k: int) -> list[str]:
    """Product ids of the first k results that a repair would give.

    A rescue is only probed where it applies, so its results stand in place of the query's, as those of a replacement.

    Raises:
        NoScores: a blend of results without scores.
    """
    return _blend(query, probe)[:k] if form == PROBE_FORM_BLEND else probe.products(k)


def _blend(query: Answer, probe: Answer) -> list[str]:
    """Each product by the better of its two scores (a disjunction maximum); of equals the query's own result first.

    The first k of a blend are among the first k of the two results, because a score only ever rises.
    """
    best: dict[str, tuple[float, int, int]] = {}
    for which, answer in enumerate((query, probe)):
        for rank, hit in enumerate(answer.hits or [], 1):
            if not hit.score:
                raise NoScores(answer.query_id)
            place = (-hit.score, which, rank)
            product = hit.product.product_id
            best[product] = min(best.get(product, place), place)
    return sorted(best, key=lambda product: best[product])
