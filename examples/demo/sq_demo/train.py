"""Trains a judge for each market of the sample shop, on labels of queries that its log does not have."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sq_cli.commands.train import train
from sq_models.signature import SIGNATURE_FILE
from sq_stagekit.config import load_yaml

_LANGUAGES = {"uk": "en", "de": "de"}


def main(sample: Path, out: Path) -> None:
    """Writes OUT/uk and OUT/de, unsigned: whoever runs a judge signs it.

    Args:
        sample: folder of the sample generator.
    """
    text = (sample / "sample.yaml").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory(prefix="sq-judges-") as name:
        os.environ["SQ_KEYS"] = str(Path(name) / "keys")
        os.environ.setdefault("HOME", name)
        fields = Path(name) / "fields.json"
        fields.write_text(json.dumps(load_yaml(text, "sample.yaml")["defaults"]["retrieve"]["fields"]))

        def judge(market: str) -> None:
            language = _LANGUAGES[market]
            labels, catalogue = sample / f"labels.{market}.csv", sample / f"catalogue.{language}.ndjson"
            train(str(labels), catalogue, out / market, fields, "none", language, 0)
            (out / market / SIGNATURE_FILE).unlink()

        with ThreadPoolExecutor() as pool:
            list(pool.map(judge, _LANGUAGES))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
