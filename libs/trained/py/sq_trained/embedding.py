"""Sentence embeddings by ONNX Runtime: mean of the token vectors, length 1 (as all-MiniLM-L6-v2 is used)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

MODEL_FILE = "embedding.onnx"
TOKENIZER_FILE = "tokenizer.json"
_MOST_TOKENS = 64
# Texts of a shop repeat: titles across queries, queries across products.
_MOST_KEPT = 200_000


def open_session(path: Path) -> onnxruntime.InferenceSession:
    """A session on one thread, so that results do not depend on the machine's cores.

    Raises:
        Exception: ONNX Runtime cannot read the file; it has no narrower type.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


class Embedding:
    """Embeds short texts, each distinct one once and alone: padding changes what int8 models give."""

    def __init__(self, folder: Path) -> None:
        """Reads MODEL_FILE and TOKENIZER_FILE of a folder."""
        self._session = open_session(folder / MODEL_FILE)
        self._inputs = {item.name for item in self._session.get_inputs()}
        self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(_MOST_TOKENS)
        self._kept: dict[str, np.ndarray] = {}

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        """The vectors of texts: an array of (texts, dimensions), float32."""
        return np.stack([self._vector(text) for text in texts])

    def _vector(self, text: str) -> np.ndarray:
        vector = self._kept.get(text)
        if vector is None:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            vector = self._kept[text] = self._embed(text)
        return vector

    def _embed(self, text: str) -> np.ndarray:
        ids = np.array([self._tokenizer.encode(text).ids], dtype=np.int64)
        fed = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        tokens = self._session.run(None, {name: fed[name] for name in self._inputs})[0][0]
        mean = tokens.mean(axis=0)
        return mean / max(float(np.linalg.norm(mean)), 1e-9)
