"""How far the judge can be relied on, as far as the run itself shows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from sq.v1.judgment_pb2 import JudgeTrust, PictureProblem, WithoutPicture


def together(parts: Iterable[JudgeTrust]) -> JudgeTrust:
    """The signs of several artefacts, such as shards, in one. Canaries are ordered by query."""
    whole = JudgeTrust()
    without_picture: Counter[PictureProblem] = Counter()
    for part in parts:
        whole.faceted += part.faceted
        whole.supported += part.supported
        whole.quotes += part.quotes
        whole.invented_quotes += part.invented_quotes
        whole.canaries.extend(part.canaries)
        whole.with_picture += part.with_picture
        for one in part.without_picture:
            without_picture[one.problem] += one.judgments
    whole.canaries.sort(key=lambda canary: (canary.query_id, canary.product_id))
    whole.without_picture.extend(
        WithoutPicture(problem=problem, judgments=count) for problem, count in sorted(without_picture.items())
    )
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
    if trust.without_picture:
        without = sum(one.judgments for one in trust.without_picture)
        reasons = ", ".join(f"{one.judgments:,} {_reason(one.problem)}" for one in trust.without_picture)
        yield (
            f"{without:,} of {without + trust.with_picture:,} judgments were made without the product's picture: "
            f"{reasons}."
        )


def _reason(problem: PictureProblem) -> str:
    return PictureProblem.Name(problem).removeprefix("PICTURE_PROBLEM_").lower().replace("_", " ")
