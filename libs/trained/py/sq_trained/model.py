"""A trained judge's model: features in, grade and confidence out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sq.v1.model_card_pb2 import ModelCard
from sq_models import CARD_FILE
from sq_trained.embedding import MODEL_FILE, Embedding, open_session
from sq_trained.features import FEATURES_VERSION, NAMES, Row
from sq_trained.scores import TOP_GRADE, confidences, cumulative, grades

FORMAT = 1


@dataclass(frozen=True)
class Graded:
    """A grade, 0 to 4, and the calibrated probability that it is right."""

    grade: int
    confidence: float


class Model:
    """The trees, the embedding if it has one, and the card of a folder that was verified before."""

    def __init__(self, card: ModelCard, folder: Path) -> None:
        """Opens the weights. Raises ValueError if the card is of another version or does not fit the files."""
        check_card(card)
        self.card = card
        self.embed = Embedding(folder) if (folder / MODEL_FILE).is_file() else None
        if card.sources.embedding_sha256 and self.embed is None:
            raise ValueError(f"its card names an embedding, and there is no {MODEL_FILE}")
        sessions = {name: open_session(folder / name) for name in set(card.trees) if name}
        self._trees = [sessions.get(name) for name in card.trees]
        self._starts = np.array(card.starts).reshape(TOP_GRADE, TOP_GRADE + 1)

    @property
    def by_words(self) -> bool:
        """Whether it compares words alone, and knows nothing of what they mean."""
        return self.embed is None

    def grade(self, rows: Sequence[Row]) -> list[Graded]:
        """The grade of each pair."""
        if not rows:
            return []
        above = cumulative(self._scores(rows), self.card.slopes, self.card.offsets)
        given = grades(above, self.card.cuts)
        sure = confidences(above, given)
        return [Graded(int(grade), float(p)) for grade, p in zip(given, sure, strict=True)]

    def _scores(self, rows: Sequence[Row]) -> np.ndarray:
        """Log-odds that the grade is above k, of (pairs, 4)."""
        values = np.stack([row.values for row in rows])
        scores = self._starts[:, [row.rules.grade for row in rows]].T.copy()
        done: dict[int, np.ndarray] = {}
        for level, trees in enumerate(self._trees):
            if trees is None:
                continue
            if id(trees) not in done:
                done[id(trees)] = trees.run(None, {trees.get_inputs()[0].name: values})[0].reshape(-1)
            scores[:, level] += done[id(trees)]
        return scores


def check_card(card: ModelCard) -> None:
    """Raises ValueError if this program cannot run the model of a card."""
    if card.format != FORMAT or card.features_version != FEATURES_VERSION or tuple(card.features) != NAMES:
        raise ValueError(
            f"it is of format {card.format} with features {card.features_version}; this program reads format"
            f" {FORMAT} with features {FEATURES_VERSION}"
        )
    wanted = {"starts": TOP_GRADE * (TOP_GRADE + 1), **dict.fromkeys(("trees", "slopes", "offsets", "cuts"), TOP_GRADE)}
    for field, length in wanted.items():
        if len(getattr(card, field)) != length:
            raise ValueError(f"{CARD_FILE} has {len(getattr(card, field))} {field}, not {length}")
