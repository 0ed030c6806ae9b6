"""The files that a run is made of, read: wiring, configuration, settings and the lock of images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from sq_airflow.images import Images, read_images
from sq_airflow.json_model import first_problem
from sq_airflow.pins import Pins
from sq_airflow.places import Places
from sq_airflow.pod_factory import SIDECAR_IMAGE
from sq_airflow.pod_settings import PodSettings, Volume
from sq_airflow.run_config import Market, RunConfig, read_run_config
from sq_airflow.settings import Settings, read_settings
from sq_airflow.stage_task import RUN_FOLDER, Source, StageTask, uri_of
from sq_airflow.wiring import Contract, Node, Wiring, read_wiring
from sq_interval import MarketLogs

# Of the folder of a run, and of the DAG's own tasks.
_TAKEN = frozenset([RUN_FOLDER, "announce", "pin", "verdict"])
# Where pods have the claim that the tasks of a run share.
_SHARED = "/sq-shared"


@dataclass(frozen=True)
class RunFiles:
    """What the tasks of a run do.

    Attributes:
        images: None where stages run as processes.
    """

    wiring: Wiring
    run: RunConfig
    settings: Settings
    images: Images | None

    @classmethod
    def read(cls, places: Places) -> RunFiles:
        """Reads the files as they are now. Raises ValueError with the file, the field and the fix."""
        settings = read_settings(places.settings)
        images = read_images(places.images) if settings.runtime == "kubernetes" else None
        wiring, run = read_wiring(places.pipeline), read_run_config(places.run_config)
        _check_names(run, wiring, places)
        return cls(wiring, run, settings, images)

    @classmethod
    def of(cls, pins: Pins) -> RunFiles:
        """What a run was started with. Raises ValueError if this version of the DAG cannot use it."""
        try:
            images = Images.model_validate(pins.images) if pins.images else None
            wiring, run = Wiring.model_validate(pins.pipeline), RunConfig.model_validate(pins.run)
            return cls(wiring, run, Settings.model_validate(pins.settings), images)
        except ValidationError as error:
            raise ValueError(f"{first_problem(error)}; another version kept it, so start a new run") from None

    @property
    def logs(self) -> dict[str, MarketLogs]:
        """The logs of each market."""
        return {market.market: MarketLogs.of(market.model_extra) for market in self.run.markets}

    @property
    def claim(self) -> str:
        """The claim on which the tasks of a run share their artefacts; empty if they share the workspace."""
        return self.settings.shared_claims.get(self.wiring.pipeline.name, "")

    @property
    def workspace(self) -> str:
        """URI of the folder of all runs, as pods see it."""
        return self._below(f"file://{_SHARED}" if self.claim else uri_of(self.run.workspace_uri))

    @property
    def records(self) -> str:
        """URI of the folder of all runs in which Airflow itself keeps records."""
        return self._below(uri_of(self.run.workspace_uri))

    def _below(self, uri: str) -> str:
        return "/".join(part for part in (uri, self.wiring.pipeline.folder) if part)

    def stage(self, node_name: str, market_name: str, shards: int) -> StageTask:
        """What a task does.

        Args:
            market_name: empty for a stage of the run.
            shards: number of tasks into which the DAG cuts the stage.

        Raises:
            ValueError: the node is not part of the run, or is cut otherwise.
        """
        markets = {market.market: market for market in self.run.markets}
        if node_name not in {node.name for node in self.wiring.pipeline.nodes}:
            raise ValueError(f"its pipeline has no {node_name}; start a new run")
        node, market = self.wiring.node(node_name), markets.get(market_name)
        if shards_of(node, market) != shards:
            found = f"it has {shards_of(node, market)} shards of {market_name}, and the DAG has {shards}"
            raise ValueError(f"{found}; start a new run")
        return self.stage_task(node, market)

    def stage_task(self, node: Node, market: Market | None) -> StageTask:
        """What the task of a node does, in a market or in the run."""
        return StageTask(
            contract=self.wiring.stage(node.stage).contract,
            node=node.name,
            market=market.market if market else "",
            workspace=self.workspace,
            on_claim=bool(self.claim),
            config_field=node.config_field,
            config=(market or self.run).stage_config(node.config_field),
            sources=tuple(
                source for edge in node.inputs for source in self._sources(edge.input, edge.source, node, market)
            ),
            needs_all=node.needs_all,
            judges=self.settings.judges,
            logs=MarketLogs.of(market.model_extra) if market else None,
        )

    def pods(self, contract: Contract) -> dict[str, Any]:
        """Images and settings of a stage's pods, as arguments of StageOperator; none where stages are processes."""
        if self.images is None:
            return {}
        return {
            "image": self.images.get(contract.image),
            "sidecar_image": self.images.get(SIDECAR_IMAGE),
            "pods": self._shared(self.settings.pods_of(contract.name)),
        }

    def _shared(self, pods: PodSettings) -> PodSettings:
        if not self.claim:
            return pods
        volume = Volume(name="shared", mount_path=_SHARED, claim=self.claim, read_only=False)
        return pods.with_changes(PodSettings(volumes=(*pods.volumes, volume)))

    def _sources(self, name: str, source_name: str, node: Node, market: Market | None) -> list[Source]:
        source = self.wiring.node(source_name)
        if not source.per_market:
            return [Source(name, task_name(source_name), 0, False)]
        return [
            Source(
                name,
                f"{item.market}.{task_name(source_name)}",
                shards_of(source, item) if source.sharded else 0,
                source.sharded and node.sharded,
            )
            for item in ([market] if market else self.run.markets)
        ]


def task_name(node: str) -> str:
    return node.replace("-", "_")


def shards_of(node: Node, market: Market | None) -> int:
    return market.shards if node.sharded and market else 1


def _check_names(run: RunConfig, wiring: Wiring, places: Places) -> None:
    """Raises ValueError if a market has the name of a stage or a task: in the DAG, it is a group of tasks."""
    taken = {node.name for node in wiring.pipeline.nodes} | {stage.contract.name for stage in wiring.stages} | _TAKEN
    for name in [market.market for market in run.markets if market.market in taken]:
        raise ValueError(f"{places.run_config}: market {name} has the name of a stage or task; name it otherwise")
