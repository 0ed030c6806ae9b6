"""A signed model without trees: the grade of the rules alone decides, as each test says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from tiny_embedding import write_tiny_embedding

from sq.v1.model_card_pb2 import ModelCard
from sq_handoff.canonical_json import canonical_json
from sq_models import CARD_FILE
from sq_models.keys import signing_key
from sq_models.module import MODULE_FILE
from sq_models.signature import sign
from sq_trained.features import FEATURES_VERSION, NAMES
from sq_trained.model import FORMAT
from sq_trained.prediction import INTERFACE, MODULE


def start_card(**changed: object) -> ModelCard:
    """A card whose grades are those of the rules, at odds of 9 to 1 for each level."""
    starts = [[2.2 if rules > level else -2.2 for rules in range(5)] for level in range(4)]
    given = {
        "format": FORMAT,
        "features_version": FEATURES_VERSION,
        "features": NAMES,
        "language": "en",
        "interface": INTERFACE,
        "starts": np.array(starts).reshape(-1),
        "trees": [""] * 4,
        "slopes": [1.0] * 4,
        "offsets": [0.0] * 4,
        "cuts": [0.5, 1.5, 2.5, 3.5],
    }
    return ModelCard(**{**given, **changed})


def write_model(folder: Path, card: ModelCard | None = None) -> Path:
    """Writes the folder and signs it with this machine's key."""
    write_tiny_embedding(folder)
    (folder / MODULE_FILE).write_text(MODULE, encoding="utf-8")
    (folder / CARD_FILE).write_bytes(canonical_json(card or start_card()))
    sign(folder, signing_key())
    return folder
