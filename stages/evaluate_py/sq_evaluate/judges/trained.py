"""A judge by a model that `sq train` made from judgments."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sq.v1.evaluate_config_pb2 import TrainedJudge as TrainedConfig
from sq.v1.product_pb2 import Product
from sq_evaluate.judge import Case, Judge, Outcome
from sq_stagekit import InputError, Work
from sq_trained import Features, OpenModel, judge_name, judgment, open_model

_FIELD = "trained.model"


class TrainedJudge(Judge):
    """Gives the model's grade with its confidence. The reasons are those of the rules the model starts from."""

    def __init__(self, opened: OpenModel) -> None:
        self.name = judge_name(opened.digest, opened.model)
        self._model = opened.model
        self._features = Features(opened.model.embed)

    @classmethod
    def of(cls, work: Work) -> TrainedJudge:
        return cls.read(work.config.trained, work)

    @classmethod
    def read(cls, config: TrainedConfig, work: Work | None = None) -> TrainedJudge:
        """Opens the model.

        Args:
            work: takes the version that its inputs were made with, and records it.

        Raises:
            InputError: there is no such model, or no trusted key signed it.
        """
        keys = [Path(config.public_key_file)] if config.public_key_file else []
        missing = next((key for key in keys if not key.is_file()), None)
        if missing:
            raise InputError("trained.public_key_file", f"there is no file {missing}", "give a public key (PEM)")
        opened = open_model(work.pinned_model(config.model_uri) if work else config.model_uri, _FIELD, keys)
        if work:
            work.note_model(config.model_uri, opened.pinned)
        return cls(opened)

    def learn(self, products: Iterable[Product], language: str) -> None:
        """Learns the values of each tag type from the products.

        Raises:
            InputError: the model was trained on another language.
        """
        trained = self._model.card.language
        if language != trained:
            problem = f"the model was trained on {trained!r}, and the queries are {language!r}"
            raise InputError(_FIELD, problem, "give a model of the queries' language")
        self._features.learn(products, language)

    def judge(self, case: Case) -> list[Outcome]:
        rows = [self._features.row(case.query, product) for product in case.products]
        graded = self._model.grade(rows)
        return [judgment(case.query, *one, self.name) for one in zip(case.products, rows, graded, strict=True)]
