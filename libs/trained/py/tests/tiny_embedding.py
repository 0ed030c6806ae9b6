"""A sentence embedding of 213 bytes: it takes ONNX Runtime's and the tokenizer's own path, without the 23 MB."""

from __future__ import annotations

import base64
from pathlib import Path

from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.normalizers import Lowercase
from tokenizers.pre_tokenizers import Whitespace

from sq_trained.embedding import MODEL_FILE, TOKENIZER_FILE

# A graph from input_ids (1, n) to sin(ids * [0.7, 1.9, 3.1, 4.3]), float32 of (1, n, 4); opset 13.
_ONNX = base64.b64decode(
    "CAg6ygEKHwoJaW5wdXRfaWRzEgFmIgRDYXN0KgkKAnRvGAGgAQIKFwoBZgoEYXhlcxIBdSIJVW5zcXVlZXplCg4KAXUKAXcSAW0iA011bAoN"
    "CgFtEgNvdXQiA1NpbhIEdGlueSoUCAEQB0IEYXhlc0oIAgAAAAAAAAAqGQgEEAFCAXdKEDMzMz8zM/M/ZmZGQJqZiUBaHAoJaW5wdXRfaWRz"
    "Eg8KDQgHEgkKAggBCgMSAW5iGgoDb3V0EhMKEQgBEg0KAggBCgMSAW4KAggEQgQKABAN"
)
_WORDS = ["mouse", "keyboard", "headset", "pad", "cover", "case", "acme", "volt", "wireless", "black", "white", "for"]


def write_tiny_embedding(folder: Path) -> Path:
    """Writes the two files and returns the folder. Words it does not know are one word."""
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = {word: number for number, word in enumerate(["[UNK]", *_WORDS])}
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = Lowercase()
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.save(str(folder / TOKENIZER_FILE))
    (folder / MODEL_FILE).write_bytes(_ONNX)
    return folder
