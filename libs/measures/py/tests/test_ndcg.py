"""nDCG, by hand and beside trec_eval's."""

import numpy as np
import pytest
from ir_measures import nDCG, pytrec_eval

from sq_measures import ndcg


@pytest.mark.parametrize(
    ("grades", "judged", "value"),
    [
        ([4, 0], [4, 0], 1),
        ([0, 4], [4, 0], 0.6309297536),
        ([], [4], 0),
        ([0], [0], 0),
        # (1 + 1/log2(3)) / (1 + 1/log2(3) + 1/log2(4))
        ([4, 4], [4, 4, 4], 0.7653606370),
    ],
)
def test_by_hand(grades: list[int], judged: list[int], value: float) -> None:
    assert ndcg(grades, judged, 10) == pytest.approx(value)


def test_the_same_as_trec_eval() -> None:
    random = np.random.default_rng(1)
    for number in range(200):
        grades = random.integers(0, 5, size=int(random.integers(1, 15))).tolist()
        more = random.integers(0, 5, size=int(random.integers(0, 5))).tolist()
        ids = [f"d{rank}" for rank in range(len(grades) + len(more))]
        qrels = {"q": dict(zip(ids, grades + more, strict=True))}
        run = {"q": {ids[rank]: float(-rank) for rank in range(len(grades))}}
        (metric,) = pytrec_eval.evaluator([nDCG @ 10], qrels).iter_calc(run)
        assert ndcg(grades, grades + more, 10) == pytest.approx(metric.value, abs=1e-8), number
