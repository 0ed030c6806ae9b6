"""sq-cleanup: removes the copies of data and model that a run made for itself, whatever became of the run."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from sq.v1.judge_inference_pb2 import RemovedCopies
from sq_handoff import Store
from sq_handoff.location import absolute, join
from sq_stagekit import Stage, Work, run_stage
from sq_stagekit.command import flag_parser
from sq_stagekit.logs import start_logging
from sq_stagekit.run import exit_code, log_context

# Folders beside the output.
COPIES = ("load-data", "load-model")


def main(arguments: Sequence[str] | None = None) -> int:
    """Removes first and publishes then: a run that is repeated has copies again, and the artefact is there already."""
    stage = Stage.beside(__file__)
    flags = flag_parser(stage.contract).parse_args(arguments)
    log = start_logging(log_context(stage.contract.name, flags))
    code = exit_code(lambda: remove(absolute(flags.output).rpartition("/")[0]), log)
    return code or run_stage(stage, run, arguments)


def remove(folder: str) -> None:
    """Removes the copies below a folder."""
    for name in COPIES:
        store = Store.at(join(folder, name))
        # The manifest first: what has none is no artefact.
        for item in sorted(store.list(), key=lambda item: item != "manifest.json"):
            store.delete(item)


def run(work: Work) -> None:
    work.write(RemovedCopies(names=COPIES))
    work.note = f"removed {' and '.join(COPIES)}"


if __name__ == "__main__":
    sys.exit(main())
