"""`bazel run //e2e:judge`: the judge that asks a model, against a stand-in: faults, kills, answers, modes, attacks."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from sq_e2e.checks import Checks
from sq_judge_e2e import faults, modes, persuasion, reuse


def _checks(queries: int, kills: int, seed: int) -> dict[str, Callable[[Path], str]]:
    return {
        "faults lose no pair, and no answer is paid for twice": partial(faults.answers_are_complete, queries=queries),
        "kill -9 repeats no more calls than were in flight": partial(
            faults.kills_repeat_little, queries=200, kills=kills, seed=seed
        ),
        "kill -9 loses no batch, and buys nothing twice": partial(
            modes.kills_lose_no_batch, queries=100, kills=kills // 2, seed=seed
        ),
        "batches that are not complete are completed": partial(modes.batches_are_completed, queries=queries),
        "flex falls back to the standard tier": partial(modes.flex_falls_back, queries=200),
        "kill -9 repeats no more calls than were in flight, with a Redis": partial(
            reuse.kills_repeat_little, queries=200, kills=kills // 2, seed=seed
        ),
        **{
            f"second run: all hits, no call; a tenth of the results changed: calls for those only ({place})": partial(
                reuse.later_runs_ask_for_changes, queries=200, place=place
            )
            for place in reuse.PLACES
        },
        "texts of products stay data": persuasion.texts_stay_data,
        "a model that obeys is persuaded": persuasion.a_model_that_obeys_is_persuaded,
        "canaries notice a model that obeys": persuasion.canaries_notice,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="fewer calls and kills, for CI")
    parser.add_argument("--seed", type=int, default=7, help="of the instants of kills; default: %(default)s")
    flags = parser.parse_args()
    checks = Checks()
    for name, check in _checks(1000 if flags.short else 3000, 4 if flags.short else 20, flags.seed).items():
        with tempfile.TemporaryDirectory(prefix="sq-judge-") as folder, checks.check(name):
            print(f"     {check(Path(folder))}", flush=True)
    return checks.close()


if __name__ == "__main__":
    sys.exit(main())
