"""Names that a market may not have, because a stage or the run itself has them."""

from __future__ import annotations

from sq.v1.pipeline_pb2 import RenderedPipeline
from sq.v1.run_config_pb2 import RunConfig
from sq_cli.plan import RUN_FOLDER
from sq_stagekit.errors import InputError

# The DAG's own tasks. A market is a group of tasks, and both need names of their own.
_TASKS = frozenset(["announce", "pin", "verdict"])
_FIX = "give the market another name"


def check_market_names(config: RunConfig, rendered: RenderedPipeline) -> None:
    """Raises InputError if a market has the name of a node of the pipeline, of a stage or of a task of the DAG."""
    nodes = {node.name for node in rendered.pipeline.nodes} | {stage.contract.name for stage in rendered.stages}
    for number, market in enumerate(config.markets):
        field = f"markets[{number}].market"
        if market.market == RUN_FOLDER:
            raise InputError(field, f"{RUN_FOLDER} is the folder of the whole run", _FIX)
        if market.market in nodes:
            raise InputError(field, f"{market.market} is the name of a stage", _FIX)
        if market.market in _TASKS:
            raise InputError(field, f"{market.market} is the name of a task in Airflow", _FIX)
