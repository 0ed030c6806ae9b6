"""Grades (query, product) pairs with a trained model: features, weights run by ONNX Runtime, and signed folders."""

from sq_trained.features import Features, Row
from sq_trained.folder import OpenModel, open_model, read_model
from sq_trained.model import Graded, Model

__all__ = ["Features", "Graded", "Model", "OpenModel", "Row", "open_model", "read_model"]
