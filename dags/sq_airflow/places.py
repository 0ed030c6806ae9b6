"""Where the files are that the DAGs are made of."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

_DAGS = Path(__file__).absolute().parents[1]


@dataclass(frozen=True)
class Places:
    """The rendered files and the settings: beside the DAGs, or where SQ_* variables say."""

    pipeline: Path
    images: Path
    run_config: Path
    settings: Path

    def wired(self, wiring: str) -> Places:
        """The same with another wiring, which lies beside pipeline.json."""
        return replace(self, pipeline=self.pipeline.with_name(f"{wiring}.json"))

    @classmethod
    def from_environment(cls) -> Places:
        return cls(
            pipeline=_file("SQ_PIPELINE", "pipeline.json"),
            images=_file("SQ_IMAGES_LOCK", "images.lock.json"),
            run_config=_file("SQ_RUN_CONFIG", "run.json"),
            settings=_file("SQ_AIRFLOW_SETTINGS", "settings.json"),
        )


def _file(variable: str, name: str) -> Path:
    return Path(os.environ.get(variable) or _DAGS / name)
