"""Writes boosted trees as ONNX, so that an image that judges needs no LightGBM."""

from __future__ import annotations

import lightgbm
from onnxmltools import convert_lightgbm
from onnxmltools.convert.common.data_types import FloatTensorType

from sq_trained.features import NAMES

_OPSET = 15


def as_onnx(booster: lightgbm.Booster) -> bytes:
    """The trees as an ONNX graph from features to log-odds.

    The converter turns binary objectives into classes and probabilities. As a regression the same trees give the sum.
    """
    text = booster.model_to_string()
    text = text.replace("objective=binary sigmoid:1", "objective=regression")
    text = text.replace("[objective: binary]", "[objective: regression]")
    shape = FloatTensorType([None, len(NAMES)])
    model = convert_lightgbm(
        lightgbm.Booster(model_str=text), name="trees", initial_types=[("features", shape)], target_opset=_OPSET
    )
    # The converter keeps them in a set, whose order differs between processes.
    opsets = sorted(model.opset_import, key=lambda opset: opset.domain)
    del model.opset_import[:]
    model.opset_import.extend(opsets)
    return model.SerializeToString(deterministic=True)
