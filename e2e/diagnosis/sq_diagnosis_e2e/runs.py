"""Runs of the whole pipeline over shops."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from sq_diagnosis_e2e.opensearch import request
from sq_diagnosis_e2e.shops import Shop
from sq_diagnosis_e2e.trade import Trade
from sq_e2e.places import sq_command

_K = 10


@dataclass(frozen=True)
class Site:
    """Where things are.

    Attributes:
        folder: for configuration and runs.
        urls: of the engines by their name; Solr's up to and with /solr.
        judge: base URL of the judge's API.
        trades: by language.
        queries: that are taken of a log.
        probes: whether changes are tried.
    """

    folder: Path
    urls: Mapping[str, str]
    judge: str
    trades: dict[str, Trade]
    queries: int = 450
    probes: bool = True

    def catalogue(self, core: str) -> Path:
        return self.folder / f"products-{core}.ndjson"

    def run(self, name: str, shops: Iterable[Shop], logs: dict[str, Path]) -> Path:
        """`sq run` with one market a shop; gives the run's folder.

        Args:
            logs: by language.

        Raises:
            RuntimeError: the run failed.
        """
        config = {
            "name": "Chorus",
            "workspace_uri": str(self.folder / "runs"),
            "markets": [self._market(shop, logs[shop.language]) for shop in shops],
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

    def _market(self, shop: Shop, log: Path) -> dict:
        fields = self.trades[shop.language].fields
        return {
            "market": shop.name,
            "words": self._words(shop),
            "generate": {
                "source_language": shop.language,
                "target_language": shop.language,
                "log": {"uri": [str(log)]},
                "catalogue": {"uri": str(self.catalogue(shop.core)), "fields": fields},
                "query_budget": self.queries,
            },
            "retrieve": {
                shop.engine: self._endpoint(shop),
                "fields": fields,
                "top_k": _K,
                "max_retries": 1,
            },
            "diagnose": {} if self.probes else {"searches_per_query": 0, "repeat_share": 0},
            "evaluate": {"openai": {"endpoint": {"model": "oracle", "base_url": self.judge}, "batch_size": 50}},
        }

    def _endpoint(self, shop: Shop) -> dict:
        if shop.engine == "opensearch":
            return {"url": self.urls["opensearch"], "index": shop.core, "body_template": request(shop)}
        parameters = {**shop.parameters, "sort": "score desc, id asc"}
        return {
            "url": self.urls["solr"],
            "collection": shop.core,
            "search_fields": list(shop.searched),
            "parameters": [{"name": name, "value": value} for name, value in parameters.items()],
        }

    def _words(self, shop: Shop) -> dict:
        """What the site knows of its customers' words: the synonyms of the sound analyser."""
        path = self.folder / f"synonyms-{shop.language}.txt"
        path.write_text("\n".join(self.trades[shop.language].lists.synonyms), encoding="utf-8")
        return {"synonyms_uri": str(path)} if path.stat().st_size else {}
