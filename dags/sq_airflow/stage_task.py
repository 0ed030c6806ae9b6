"""One stage's task: which command line it is, given a run and what its sources handed over."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sq_airflow.handoff import Expected, Handoff
from sq_airflow.run_config import Overrides, overridden
from sq_airflow.wiring import Contract

RUN_FOLDER = "all-markets"
_NOT_IN_A_RUN_ID = re.compile(r"[^A-Za-z0-9_.-]")


@dataclass(frozen=True)
class Source:
    """Where an input's handoffs come from.

    Attributes:
        shards: number of mapped tasks, 0 for a task that is not mapped.
        same_shard: shard I reads shard I.
    """

    input: str
    task_id: str
    shards: int
    same_shard: bool

    def map_indexes(self, own: int) -> tuple[int, ...]:
        """The map indexes of the tasks that a task of map index `own` reads from."""
        if self.shards == 0:
            return (-1,)
        return (own,) if self.same_shard else tuple(range(self.shards))

    @property
    def market(self) -> str:
        return self.task_id.partition(".")[0]


@dataclass(frozen=True)
class StageTask:
    """What a task of a stage does, apart from how it is started.

    Attributes:
        market: empty for a stage of the run.
        config: its configuration before a run's own parameters.
        shards: into how many it is cut, 0 where it is not.
        needs_all: starts only when every input is there.
        judges: judges that a run may choose, by name.
    """

    contract: Contract
    market: str
    workspace: str
    config_field: str
    config: Mapping[str, Any] = field(repr=False)
    sources: tuple[Source, ...]
    shards: int
    needs_all: bool
    judges: Mapping[str, dict] = field(repr=False)

    def output(self, run_id: str, shard: str, without: Sequence[str] = ()) -> str:
        """Where the artefact goes.

        Args:
            without: markets whose input is missing. What is made without them has a place of its own: it is another
                artefact than the one that is made once they are there.
        """
        name = "-without-".join([self.contract.name, *(["-".join(sorted(without))] if without else [])])
        folder = "/".join([_uri(self.workspace), run_id, self.market or RUN_FOLDER, name])
        return f"{folder}/shard-{shard.replace('/', '-of-')}" if shard else folder

    def arguments(
        self,
        run_id: str,
        shard: str,
        params: Mapping[str, Any],
        handoffs: Sequence[tuple[str, Handoff]],
        output: str,
    ) -> list[str]:
        """The stage's command line, without its program."""
        config = overridden(self.config_field, self.config, Overrides.of(params), self.judges)
        flags = ["--run-id", run_id, "--config", json.dumps(config, sort_keys=True, ensure_ascii=False)]
        flags += ["--output", output]
        flags += ["--market", self.market] if self.market else []
        flags += ["--shard", shard] if shard else []
        for name, handoff in handoffs:
            flags += ["--input", f"{name}={handoff.uri}"]
        return flags

    def expected(self, run_id: str, shard: str, output: str) -> Expected:
        return Expected(
            stage=self.contract.name,
            run_id=run_id,
            market=self.market,
            shard=shard,
            uri=output,
            message_type=self.contract.output_type,
        )

    def title(self, shard: str) -> str:
        """For people: "retrieve of uk, shard 0/2"."""
        name = f"{self.contract.name} of {self.market}" if self.market else self.contract.name
        return f"{name}, shard {shard}" if shard else name


def run_id_of(airflow_run_id: str) -> str:
    """The run id stages get: Airflow's, which has characters that no folder should have."""
    return _NOT_IN_A_RUN_ID.sub("-", airflow_run_id)


def _uri(place: str) -> str:
    return place.rstrip("/") if "://" in place else Path(place).as_uri()
