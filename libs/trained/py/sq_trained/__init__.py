"""Grades (query, product) pairs with a trained model: features, weights run by ONNX Runtime, and signed folders."""

from sq_trained.features import Features, Row
from sq_trained.folder import OpenModel, open_model, read_model
from sq_trained.judgments import judge_name, judgment
from sq_trained.model import Graded, Model
from sq_trained.prediction import JudgeModel

__all__ = [
    "Features",
    "Graded",
    "JudgeModel",
    "Model",
    "OpenModel",
    "Row",
    "judge_name",
    "judgment",
    "open_model",
    "read_model",
]
