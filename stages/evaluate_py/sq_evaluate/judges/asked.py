"""What a model is asked about: a case, and what the model is shown beside it."""

from __future__ import annotations

from dataclasses import dataclass

from sq_evaluate.judge import Case
from sq_evaluate.judges.guideline import Guideline


@dataclass(frozen=True)
class Asked(Case):
    """Attributes:
    guideline: of the query; None where the judge asks for none.
    """

    guideline: Guideline | None = None
