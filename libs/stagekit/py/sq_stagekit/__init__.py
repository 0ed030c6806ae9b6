"""What every Python stage shares: command line, configuration, handoff, logs, signals and exit codes."""

from sq_stagekit.errors import InputError, Stopped, TryAgainError
from sq_stagekit.run import run_stage
from sq_stagekit.shard import Shard
from sq_stagekit.stage import Stage
from sq_stagekit.work import Work

__all__ = ["InputError", "Shard", "Stage", "Stopped", "TryAgainError", "Work", "run_stage"]
