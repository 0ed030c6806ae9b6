"""A small signed model with a module: it yields each record of its input as often as its weights say."""

from __future__ import annotations

from pathlib import Path

from sq.v1.model_card_pb2 import ModelCard, ModelInput, ModelInterface
from sq_handoff.canonical_json import canonical_json
from sq_models import CARD_FILE
from sq_models.keys import signing_key
from sq_models.signature import sign

MODULE = """
from .times import repeated

class Model:
    def __init__(self, folder):
        self.times = int((folder / "weights.txt").read_text())

    def run(self, inputs):
        return repeated(inputs["retrieval"], self.times)
"""
HELPER = """
def repeated(records, times):
    for record in records:
        yield from [record] * times
"""


def write_module(folder: Path, weights: int = 1, module: str = MODULE) -> Path:
    """Writes the folder and signs it with this machine's key."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.py").write_text(module)
    (folder / "times.py").write_text(HELPER)
    (folder / "weights.txt").write_text(str(weights))
    retrieval = ModelInput(name="retrieval", message_type="sq.v1.RetrievalRecord")
    card = ModelCard(interface=ModelInterface(inputs=[retrieval], output_type="sq.v1.RetrievalRecord"))
    (folder / CARD_FILE).write_bytes(canonical_json(card))
    sign(folder, signing_key())
    return folder
