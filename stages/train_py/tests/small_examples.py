"""Examples with random features, of which one decides."""

import numpy as np

from sq_train.examples import Examples
from sq_trained.features import NAMES


def small_examples(pairs: int = 400, queries: int = 40) -> Examples:
    """`words_in_name` decides the grade, with some noise. One value in ten is missing."""
    random = np.random.default_rng(3)
    values = random.uniform(-1, 3, size=(pairs, len(NAMES))).round(3).astype(np.float32)
    decides = values[:, NAMES.index("words_in_name")] + random.normal(0, 0.3, size=pairs)
    values[random.uniform(size=values.shape) < 0.1] = np.nan
    return Examples(
        values,
        rules=random.integers(0, 5, size=pairs),
        grades=np.digitize(decides, [-0.2, 0.6, 1.4, 2.2]),
        queries=np.arange(pairs) % queries,
    )
