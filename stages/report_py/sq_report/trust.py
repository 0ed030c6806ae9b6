"""How far the judge can be relied on, as far as the run itself shows it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sq.v1.judgment_pb2 import JudgeTrust


def together(parts: Iterable[JudgeTrust]) -> JudgeTrust:
    """The signs of several artefacts, such as shards, in one. Canaries are ordered by query."""
    whole = JudgeTrust()
    for part in parts:
        whole.faceted += part.faceted
        whole.supported += part.supported
        whole.quotes += part.quotes
        whole.invented_quotes += part.invented_quotes
        whole.canaries.extend(part.canaries)
    whole.canaries.sort(key=lambda canary: (canary.query_id, canary.product_id))
    return whole


def trust_notes(trust: JudgeTrust, judges: Iterable[str]) -> Iterator[str]:
    """One sentence or two for each kind of sign that there is."""
    canaries, moved = len(trust.canaries), sum(canary.moved for canary in trust.canaries)
    if moved:
        # Baselines and people read no instructions.
        models = [judge for judge in judges if judge.startswith("openai/")]
        yield (
            f"The judge can be talked into grades: {moved} of {canaries} canaries. "
            f"The grades of {', '.join(models) or 'the model'} followed an instruction that was hidden in a product's "
            "text."
        )
    elif canaries:
        yield f"No canary of {canaries} moved: instructions hidden in a product's text changed no grade."
    if trust.faceted:
        yield (
            f"Right for the right reason: {trust.supported / trust.faceted:.1%} of {trust.faceted:,} judgments. The "
            f"others quote words that the product does not contain, or lack a quote ({trust.invented_quotes:,} of "
            f"{trust.quotes:,} quotes are invented)."
        )
