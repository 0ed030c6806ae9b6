import os
import sys

from sq_stagekit import Stage, TryAgainError, Work, run_stage


def run(work: Work) -> None:
    if work.config.depth == 75:
        raise TryAgainError("the search service is away")
    if work.config.depth == 1:
        raise RuntimeError("broken")
    for reader in work.inputs["differences"]:
        for record in reader:
            if work.shard.holds(record.query_id):
                work.write(record)
    if work.config.depth == 15:
        os.kill(os.getpid(), 15)


if __name__ == "__main__":
    sys.exit(run_stage(Stage.beside(__file__), run))
