"""`bazel run //bench:judge -- [--json]`: calls of a model a second, beside plain loops and a perfect scheduler."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from sq_bench_judge.measure import Result, measure
from sq_bench_judge.work import Setting

_SETTINGS = ((6400, 32, 1), (6400, 32, 10), (37_500, 256, 1), (37_500, 256, 10))


def _table(results: list[Result]) -> Table:
    table = Table(title="calls a second; the perfect scheduler has the same latencies", title_justify="left")
    for name in ("setting", "who", "calls/s", "of perfect", "cores: client", "server", "limited by"):
        table.add_column(name, justify="left" if name in ("setting", "who", "limited by") else "right")
    for r in results:
        figures = (
            f"{r.calls_per_second:,.1f}",
            f"{r.of_perfect:.3f}",
            f"{r.client_cores:.2f}",
            f"{r.server_cores:.2f}",
        )
        table.add_row(r.setting, r.contender, *figures, r.limited_by)
    return table


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--turns", type=int, default=1, help="of each contender; default: %(default)s")
    parser.add_argument("--share", type=float, default=1.0, help="of the pairs to judge; default: all")
    flags = parser.parse_args()
    if flags.turns < 1 or not 0 < flags.share <= 1:
        parser.error("--turns is at least 1, and --share above 0 and at most 1")
    settings = [Setting(max(1, round(pairs * flags.share)), *rest) for pairs, *rest in _SETTINGS]
    with tempfile.TemporaryDirectory(prefix="sq-bench-judge-") as folder:
        results = []
        for result in measure(settings, flags.turns, Path(folder)):
            results.append(result)
            print(
                f"{result.setting}: {result.contender} {result.of_perfect:.3f} of perfect", file=sys.stderr, flush=True
            )
    if flags.json:
        print(json.dumps([result.as_dict() for result in results], indent=2))
    else:
        Console().print(_table(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
