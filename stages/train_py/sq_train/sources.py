"""What a model was made from, for its card."""

from __future__ import annotations

import hashlib
from importlib.metadata import version

from sq.v1.model_card_pb2 import ModelSources
from sq_train.examples import Examples
from sq_train.labels import Labels

_LIBRARIES = ("lightgbm", "numpy", "onnxmltools", "onnxruntime", "scikit-learn", "scipy", "tokenizers")


def model_sources(labels: Labels, examples: Examples, embedding: tuple[bytes, bytes] | None, seed: int) -> ModelSources:
    """Digests of labels, products and embedding; the seed; versions of the libraries."""
    return ModelSources(
        labels_sha256=_labels_digest(labels),
        products_sha256=examples.products_sha256,
        embedding_sha256=hashlib.sha256(b"".join(embedding)).hexdigest() if embedding else "",
        seed=seed,
        libraries={name: version(name) for name in _LIBRARIES},
    )


def _labels_digest(labels: Labels) -> str:
    lines = sorted(f"{query}\t{product}\t{grade}\n" for (query, product), grade in labels.items())
    return hashlib.sha256("".join(lines).encode()).hexdigest()
