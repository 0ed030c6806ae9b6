"""`bazel run //bench:large_log -- [--rows N]`: runs sq-generate with Spark over a log that is large for one machine.

Prints one line: rows, distinct queries, bytes of the log, wall-clock seconds, and the peak memory of all processes.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from sq_bench import query_log
from sq_bench.generate import stage
from sq_bench.memory import watch

_ROOT = Path(__file__).absolute().parents[2]
_GIB = 1 << 30


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000_000, help="of the log; default: %(default)s")
    parser.add_argument("--distinct", type=int, default=20_000_000, help="queries; default: %(default)s")
    parser.add_argument("--memory", default="2g", help="of Spark's driver; default: %(default)s")
    parser.add_argument("--scratch", type=Path, help="folder with space for the log and Spark's files")
    flags = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sq-bench-", dir=flags.scratch) as name:
        folder = Path(name)
        query_log.write(folder / "log", flags.rows, flags.distinct)
        size = sum(path.stat().st_size for path in folder.rglob("*.parquet"))
        memory = {"name": "spark.driver.memory", "value": flags.memory}
        spark = {"master": "local[2]", "scratch_folder": name, "settings": [memory]}
        catalogue = Path(os.environ.get("SQ_SAMPLE", _ROOT / "examples/sample/market")) / "catalogue.en.ndjson"
        way = stage(folder, catalogue, "large", {"engine": "ENGINE_SPARK", "spark": spark})
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "TMPDIR": name}
        used = watch([part.format(pair=1) for part in way.command], environment)
        distinct = query_log.distinct_queries(folder / "log")
    print(
        f"{flags.rows:,} rows, {distinct:,} distinct queries, {size / _GIB:.2f} GiB of Parquet: "
        f"{used.seconds:,.0f} s, {used.peak / _GIB:.2f} GiB of memory at the peak",
        flush=True,
    )
    print(used.stdout, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
