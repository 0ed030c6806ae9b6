"""Checks of runs that are killed or stopped."""

from __future__ import annotations

import json
import os
import signal
import time

from sq_e2e.checks import Checks
from sq_spark_e2e.program import (
    WITH_SPARK,
    Generate,
    await_,
    await_line,
    is_alive,
    java_of,
)


def check_ends(checks: Checks, generate: Generate, log: dict) -> None:
    config = generate.spark_config(log)
    expected = generate.duckdb(log).digest
    with checks.check("kill -9 in the middle: Spark ends too, and a re-run gives the same digest"):
        run = generate.start(WITH_SPARK, config, "killed")
        java = java_of(run)
        time.sleep(3)  # the time of the kill is the input of the check
        os.kill(run.pid, signal.SIGKILL)
        run.communicate()
        await_(lambda: not is_alive(java), "Spark's driver to end", 60)
        again = generate.start(WITH_SPARK, config, "killed")
        handoff, log_text = again.communicate()
        assert again.returncode == 0, log_text[-2000:]
        assert json.loads(handoff)["digest"] == expected
    with checks.check("SIGTERM: exit 75 soon, Spark ends, nothing is published"):
        run = generate.start(WITH_SPARK, config, "stopped")
        java = java_of(run)
        await_line(run, "Spark runs")
        started = time.monotonic()
        run.send_signal(signal.SIGTERM)
        run.communicate(timeout=120)
        assert run.returncode == 75, run.returncode
        assert not is_alive(java), "Spark's driver still runs"
        assert not (generate.folder / "stopped/manifest.json").exists()
        print(f"     {time.monotonic() - started:.1f} s", flush=True)
