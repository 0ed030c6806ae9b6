"""`bazel run //e2e:spark`: compares sq-generate on Spark with sq-generate on DuckDB. Ends with 'N passed, N failed'."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from sq_e2e.checks import Checks
from sq_spark_e2e.answers import differences
from sq_spark_e2e.ends import check_ends
from sq_spark_e2e.formats import check_formats
from sq_spark_e2e.places import check_cluster, check_store
from sq_spark_e2e.program import Generate, empty_folder
from sq_spark_e2e.refusals import check_refusals
from sq_spark_e2e.settings import check_settings


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="only formats and answers, for CI")
    short = parser.parse_args().short
    checks = Checks()
    with tempfile.TemporaryDirectory(prefix="sq-e2e-spark-") as name:
        folder = Path(name)
        generate = Generate(folder)
        written: dict[str, dict] = {}
        check_formats(checks, generate, folder, written)
        if not short:
            _check_the_rest(checks, generate, folder, written["Parquet by day"])
        with checks.check("every question, over logs with many ties: the same answers"):
            found = differences()
            assert not found, "\n".join(found)
    return checks.close()


def _check_the_rest(checks: Checks, generate: Generate, folder: Path, lake: dict) -> None:
    check_store(checks, empty_folder(folder, "s3"), lake)
    check_refusals(checks, generate, lake)
    check_settings(checks, generate, folder, lake)
    check_ends(checks, generate, lake)
    check_cluster(checks, generate, empty_folder(folder, "cluster"), lake)


if __name__ == "__main__":
    sys.exit(main())
