"""What every Python stage shares: command line, configuration, handoff, logs, signals and exit codes."""

from sq_stagekit.errors import InputError, StopHere, Stopped, TryAgainError
from sq_stagekit.run import run_stage
from sq_stagekit.shard import Shard
from sq_stagekit.stage import Stage
from sq_stagekit.work import Work

__all__ = ["InputError", "Shard", "Stage", "StopHere", "Stopped", "TryAgainError", "Work", "run_stage"]
