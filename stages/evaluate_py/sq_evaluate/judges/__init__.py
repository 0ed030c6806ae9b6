"""The judges there are, made from the configuration."""

from __future__ import annotations

from collections.abc import Iterable

from sq.v1.product_pb2 import Product
from sq_evaluate.judge import Judge
from sq_evaluate.judges.baseline import BaselineJudge
from sq_evaluate.judges.people import PeopleJudge
from sq_stagekit import Work


def read_people(work: Work) -> PeopleJudge | None:
    """The judgments by people, where they are what judges."""
    return PeopleJudge.of(work.config.people) if work.config.HasField("people") else None


def make_judge(work: Work, products: Iterable[Product], language: str) -> Judge:
    """The configured judge, unless it is people.

    Args:
        products: all that were seen, for judges that learn the catalogue's words from them.
        language: of those products.

    Raises:
        InputError: the configuration of the judge cannot work.
    """
    match work.config.WhichOneof("judge"):
        case "openai":
            # The client takes a second to import; other judges need not wait for it.
            from sq_evaluate.judges.openai_judge import OpenAiJudge

            return OpenAiJudge.of(work)
        case _:
            return BaselineJudge.of(products, language)
