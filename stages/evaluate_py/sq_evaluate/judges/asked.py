"""What a model is asked about: a case, and what the model is shown beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sq.v1.product_pb2 import Product
from sq_evaluate.judge import Case
from sq_evaluate.judges.guideline import Guideline
from sq_evaluate.judges.pictures.picture import Picture, Shown


@dataclass(frozen=True)
class Asked(Case):
    """Attributes:
    guideline: of the query; None where the judge asks for none.
    pictures: what is shown of the products, by their ids; empty where the judge shows no pictures.
    """

    guideline: Guideline | None = None
    pictures: Mapping[str, Shown] = field(default_factory=dict)

    def picture(self, product: Product) -> Picture | None:
        """The picture that the model is shown of a product."""
        shown = self.pictures.get(product.product_id)
        return shown if isinstance(shown, Picture) else None
