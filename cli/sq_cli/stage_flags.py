"""The flags of a stage's command line."""

from __future__ import annotations

from collections.abc import Sequence

from google.protobuf import json_format

from sq.v1.handoff_pb2 import Handoff
from sq_cli.plan import Task


def stage_flags(run_id: str, task: Task, handoffs: Sequence[tuple[str, Handoff]]) -> list[str]:
    """The flags of a task's stage, without its program.

    Args:
        handoffs: input name and what its source returned.
    """
    config = json_format.MessageToJson(task.config, preserving_proto_field_name=True, indent=None)
    flags = ["--run-id", run_id, "--config", config, "--output", task.output]
    flags += ["--market", task.market] if task.market else []
    flags += ["--shard", task.shard] if task.shard else []
    for name, handoff in handoffs:
        flags += ["--input", f"{name}={handoff.uri}"]
    return flags
