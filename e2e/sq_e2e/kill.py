"""`bazel run //e2e:kill`: kills a whole run with SIGKILL at random times and runs it again.

The second run must give the artefact digests of an undisturbed run. It must not repeat a call to the judge whose answer
was stored before the kill.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

from sq_e2e.checks import Checks
from sq_e2e.shop import Shop
from sq_e2e.shop import shop as shop_in


def _kill_and_rerun(shop: Shop, number: int, instant: float, expected: dict[str, str]) -> str:
    run_id = f"killed-{number}"
    run = shop.start(run_id)
    time.sleep(instant)  # the time of the kill is the input of the check
    os.killpg(run.pid, signal.SIGKILL)
    run.communicate()
    kept, asked_before = shop.kept_answers(run_id), len(shop.asked())
    there = shop.digests(run_id)
    shop.finish(run_id)
    repeated = kept & set(shop.asked(asked_before))
    assert not repeated, f"{len(repeated)} calls were repeated although their answers were stored"
    found = shop.digests(run_id)
    assert found == expected, f"digests differ in {sorted(k for k in expected if found.get(k) != expected[k])}"
    return f"after {instant:.2f} s: {len(there)} artefacts and {len(kept)} answers were stored"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=30, help="number of kills; default: %(default)s")
    parser.add_argument("--seed", type=int, default=7, help="of the random times; default: %(default)s")
    flags = parser.parse_args()
    rng = random.Random(flags.seed)
    checks = Checks()
    with tempfile.TemporaryDirectory(prefix="sq-kill-") as name, shop_in(Path(name)) as shop:
        with checks.check("undisturbed run"):
            started = time.monotonic()
            shop.finish("undisturbed")
            seconds = time.monotonic() - started
            expected = shop.digests("undisturbed")
            kept = shop.kept_answers("undisturbed")
            assert kept and kept == set(shop.asked()), "the judge's log differs from the stored answers"
            print(f"     {seconds:.1f} s, {len(expected)} artefacts, {len(shop.asked())} judge calls", flush=True)
        if checks.failed:
            return checks.close()
        for number in range(flags.kills):
            with checks.check(f"kill -9 number {number + 1}"):
                print(f"     {_kill_and_rerun(shop, number, rng.uniform(0, seconds), expected)}", flush=True)
    return checks.close()


if __name__ == "__main__":
    sys.exit(main())
