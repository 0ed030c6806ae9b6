"""Runs of the whole pipeline over shops."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import yaml

from sq.v1.report_pb2 import MarketReport
from sq_diagnosis_e2e.catalogue import FIELDS
from sq_diagnosis_e2e.shops import Shop
from sq_e2e.places import sq_command
from sq_handoff import ArtefactReader

_K = 10


@dataclass(frozen=True)
class Site:
    """Where things are.

    Attributes:
        folder: for configuration and runs.
        solr: URL of the engine, up to and with /solr.
        judge: base URL of the judge's API.
        catalogues: catalogue file by name of core.
        synonyms: the list that the site gives.
    """

    folder: Path
    solr: str
    judge: str
    catalogues: dict[str, Path]
    synonyms: Path

    def run(self, name: str, shops: Iterable[Shop], log: Path, probes: bool = True) -> Path:
        """`sq run` with one market a shop; gives the run's folder.

        Raises:
            RuntimeError: the run failed.
        """
        config = {
            "name": "Chorus",
            "workspace_uri": str(self.folder / "runs"),
            "markets": [self._market(shop, log, probes) for shop in shops],
        }
        path = self.folder / f"{name}.yaml"
        path.write_text(yaml.safe_dump(config), encoding="utf-8")
        environment = os.environ | {"OPENAI_API_KEY": "none", "XDG_STATE_HOME": str(self.folder / "state")}
        done = subprocess.run(
            [*sq_command(), "run", str(path), "--run-id", name],
            env=environment,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"sq run ended with {done.returncode}:\n{done.stderr[-4000:]}")
        return self.folder / "runs" / name

    def _market(self, shop: Shop, log: Path, probes: bool) -> dict:
        parameters = {**shop.parameters, "sort": "score desc, id asc"}
        market = {
            "market": shop.name,
            "words": {"synonyms_uri": str(self.synonyms)},
            "generate": {
                "source_language": "en",
                "target_language": "en",
                "log": {"uri": [str(log)]},
                "catalogue": {"uri": str(self.catalogues[shop.core]), "fields": FIELDS},
            },
            "retrieve": {
                "solr": {
                    "url": self.solr,
                    "collection": shop.core,
                    "search_fields": list(shop.searched),
                    "parameters": [{"name": name, "value": value} for name, value in parameters.items()],
                },
                "fields": FIELDS,
                "top_k": _K,
                "max_retries": 1,
            },
            "evaluate": {"openai": {"endpoint": {"model": "oracle", "base_url": self.judge}, "batch_size": 50}},
        }
        return market if probes else {**market, "diagnose": {"searches_per_query": 0, "repeat_share": 0}}


def report_of(run: Path, market: str) -> MarketReport:
    return next(iter(ArtefactReader.open(str(run / market / "report"), MarketReport)))
