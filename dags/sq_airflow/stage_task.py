"""One stage's task: its command line, for a run and the handoffs of its sources."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sq_airflow.handoff import Expected, Handoff
from sq_airflow.overrides import Overrides
from sq_airflow.wiring import Contract
from sq_interval import MarketLogs, RunInterval

RUN_FOLDER = "all-markets"


@dataclass(frozen=True)
class Source:
    """Where an input's handoffs come from.

    Attributes:
        shards: number of mapped tasks; 0 for a task that is not mapped.
        same_shard: shard I reads shard I; otherwise a task reads all shards.
    """

    input: str
    task_id: str
    shards: int
    same_shard: bool

    def map_indexes(self, own: int) -> tuple[int, ...]:
        """Map indexes of the source tasks that a task with map index `own` reads."""
        if self.shards == 0:
            return (-1,)
        return (own,) if self.same_shard else tuple(range(self.shards))

    @property
    def market(self) -> str:
        return self.task_id.partition(".")[0]


@dataclass(frozen=True)
class StageTask:
    """What a stage's task does, whatever starts it.

    Attributes:
        node: its name in the wiring, which names its output too.
        market: empty for a stage of the run.
        config: the stage's configuration before the run's own parameters.
        needs_all: the task starts only when every input is available.
        judges: judges that a run may choose, by name.
        logs: the logs of the market; None for a stage of the run.
        on_claim: the workspace is a claim, which Airflow cannot read.
    """

    contract: Contract
    node: str
    market: str
    workspace: str
    config_field: str
    config: Mapping[str, Any] = field(repr=False)
    sources: tuple[Source, ...]
    needs_all: bool
    judges: Mapping[str, Mapping[str, Any]] = field(repr=False)
    logs: MarketLogs | None = field(default=None, repr=False)
    on_claim: bool = False

    def output(self, run_id: str, shard: str, without: Sequence[str] = ()) -> str:
        """URI of the artefact.

        Args:
            without: markets whose input is missing. The URI names them, so that the artefact of all markets can be
                written once they are available.
        """
        name = "-without-".join([self.node, *([".".join(sorted(without))] if without else [])])
        folder = "/".join([uri_of(self.workspace), run_id, self.market or RUN_FOLDER, name])
        return f"{folder}/shard-{shard.replace('/', '-of-')}" if shard else folder

    def arguments(
        self,
        run_id: str,
        shard: str,
        params: Mapping[str, Any],
        handoffs: Sequence[tuple[str, Handoff]],
        output: str,
        interval: RunInterval | None = None,
    ) -> list[str]:
        """The stage's command line, without its program. Raises IntervalError."""
        config = Overrides.of(params).applied_to(self.config_field, self.config, self.judges)
        if self.logs:
            config = self.logs.applied_to(self.config_field, config, interval, whole=False)
        flags = ["--run-id", run_id, "--config", json.dumps(config, sort_keys=True, ensure_ascii=False)]
        flags += ["--output", output]
        flags += ["--market", self.market] if self.market else []
        flags += ["--shard", shard] if shard else []
        for name, handoff in handoffs:
            flags += ["--input", f"{name}={handoff.uri}"]
        return flags

    def check_interval(self, interval: RunInterval | None) -> None:
        """Raises IntervalError if a log of the market, also of a later stage, has no window in this run."""
        if self.logs:
            self.logs.filled(interval, whole=False)

    def expected(self, run_id: str, shard: str, output: str) -> Expected:
        return Expected(
            stage=self.contract.name,
            run_id=run_id,
            market=self.market,
            shard=shard,
            uri=output,
            message_type=self.contract.output.message_type,
        )

    def title(self, shard: str) -> str:
        """For people: "retrieve of uk, shard 0/2"."""
        name = f"{self.node} of {self.market}" if self.market else self.node
        return f"{name}, shard {shard}" if shard else name


def uri_of(place: str) -> str:
    """The URI of a folder; a plain path becomes a file:// URI."""
    return place.rstrip("/") if "://" in place else Path(place).as_uri()
