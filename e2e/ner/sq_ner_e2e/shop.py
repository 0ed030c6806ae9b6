"""The sample shop: its runs, and its configuration of sq-ner."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import yaml
from google.protobuf import json_format

from sq.v1.ner_config_pb2 import NerMarket
from sq.v1.run_config_pb2 import MarketConfig
from sq_cli.programs import find_program
from sq_cli.run_config import read_run_config
from sq_e2e.artefacts import digests, manifests
from sq_e2e.places import SAMPLE, sq_command

_RUN_SECONDS = 600


@dataclass(frozen=True)
class Shop:
    """The sample shop in its own folder, to which runs may write configurations."""

    folder: Path
    search_url: str

    @classmethod
    def at(cls, folder: Path, search_url: str) -> Shop:
        for source in SAMPLE.iterdir():
            (folder / source.name).symlink_to(source)
        return cls(folder, search_url)

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {
            "SQ_SEARCH_URL": self.search_url,
            "SQ_WORKSPACE": str(self.folder / "runs"),
            "XDG_STATE_HOME": str(self.folder / "state"),
            "BUILD_WORKING_DIRECTORY": str(self.folder),
        }

    def markets(self) -> dict[str, MarketConfig]:
        os.environ.update(SQ_SEARCH_URL=self.search_url, SQ_WORKSPACE=str(self.folder / "runs"))
        return {market.market: market for market in read_run_config(self.folder / "sample.yaml").markets}

    def server_config(self, **more: object) -> dict:
        """The configuration of sq-ner for all markets."""
        return {"listen": "127.0.0.1:0", "markets": [_ner_market(m) for m in self.markets().values()], **more}

    def start(self, run_id: str, ner: dict | None = None, markets: Collection[str] = ("uk", "de")) -> subprocess.Popen:
        """Starts `sq run` over markets.

        Args:
            ner: fields of the configurations of generate and ner-diff that name the service. None: without a service.
        """
        config = yaml.safe_load((self.folder / "sample.yaml").read_text(encoding="utf-8"))
        config["markets"] = [market for market in config["markets"] if market["market"] in markets]
        config["defaults"]["generate"] |= {"query_budget": 160} | (ner or {})
        if ner:
            config["defaults"]["ner_diff"] = ner
        path = self.folder / f"{run_id}.yaml"
        path.write_text(yaml.safe_dump(config), encoding="utf-8")
        return subprocess.Popen(
            [*sq_command(), "run", str(path), "--run-id", run_id],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(
        self, run_id: str, ner: dict | None = None, markets: Collection[str] = ("uk", "de"), expect: int = 0
    ) -> str:
        """Runs to the end and returns stderr."""
        return finish(self.start(run_id, ner, markets), expect)

    def manifests(self, run_id: str) -> dict[str, dict]:
        """Manifests by folder below the run."""
        return manifests(self.folder / "runs" / run_id)

    def digests(self, run_id: str) -> dict[str, str]:
        return digests(self.folder / "runs" / run_id)

    def generate(self, name: str, market: str, ner: dict, expect: int = 0) -> str:
        """Runs sq-generate alone on two queries, which is enough to call the service. Returns its stderr."""
        config = json_format.MessageToDict(self.markets()[market].generate, preserving_proto_field_name=True)
        del config["log"]
        config |= {"fixed": {"text": ["red dress", "women's shoes"]}} | ner
        flags = ["--run-id", "r", "--market", market, "--config", json.dumps(config)]
        command = [*find_program("sq-generate"), *flags, "--output", str(self.folder / "alone" / name)]
        child = subprocess.Popen(
            command, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        log = finish(child, expect)
        assert (self.folder / "alone" / name / "manifest.json").exists() == (expect == 0)
        return log

    def queries(self) -> list[str]:
        """The distinct queries of the log."""
        with gzip.open(self.folder / "log/ubi_queries.ndjson.gz", "rt", encoding="utf-8") as log:
            lines = [line for line in log if line.startswith("{") and line.endswith("}\n")]
        return sorted({json.loads(line)["user_query"] for line in lines})


def finish(child: subprocess.Popen, expect: int = 0) -> str:
    """Waits until a program ends and returns its stderr."""
    _, log = child.communicate(timeout=_RUN_SECONDS)
    assert child.returncode == expect, f"ended with {child.returncode}, not {expect}:\n{log[-2500:]}"
    return log


def _ner_market(market: MarketConfig) -> dict:
    generate = market.generate
    found = NerMarket(
        market=market.market,
        source_language=generate.source_language,
        target_language=generate.target_language,
        catalogue=generate.catalogue,
        source_catalogue=generate.source_catalogue if generate.HasField("source_catalogue") else None,
        gazetteer_uri=generate.gazetteer_uri,
    )
    return json_format.MessageToDict(found)
