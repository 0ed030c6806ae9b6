"""`bazel run //bench -- [--json] [PART …]`: prints a table of ratios, or JSON."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from sq_bench import generate, handoff, ner, retrieve
from sq_bench.measure import Comparison

PARTS = ("handoff", "retrieve", "ner", "generate")
_ROOT = Path(__file__).absolute().parents[2]


def _given(variable: str, default: str) -> Path:
    """The path in an environment variable, otherwise a path in the runfiles."""
    return Path(os.environ.get(variable, _ROOT / default))


def _run(part: str, folder: Path) -> list[Comparison]:
    if part == "handoff":
        return handoff.run(folder, _given("SQ_BENCH_HANDOFF_GO", "bench/handoff_go/handoff_go"))
    if part == "ner":
        return ner.run(folder, _given("SQ_NER", "libs/ner/py/sq-ner"))
    sample = _given("SQ_SAMPLE", "examples/sample/market") / "catalogue.en.ndjson"
    if part == "generate":
        return generate.run(folder, sample)
    return retrieve.run(
        folder,
        _given("SQ_OPENSEARCH", "../opensearch/files"),
        _given("SQ_RETRIEVE", "stages/retrieve_go/sq-retrieve"),
        sample,
    )


def _table(comparisons: list[Comparison]) -> Table:
    table = Table(title="ours / peer, median of pairs measured in turn", title_justify="left")
    for name in ("what", "peer", "unit", "ours", "peer's", "ratio", "from–to"):
        table.add_column(name, justify="left" if name in ("what", "peer", "unit") else "right")
    for c in comparisons:
        figures = (f"{c.ours:,.0f}", f"{c.theirs:,.0f}", f"{c.ratio:.2f}", f"{c.low:.2f}–{c.high:.2f}")
        table.add_row(c.name, c.peer, c.unit, *figures)
    return table


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)}; default: all")
    flags = parser.parse_args()
    unknown = sorted(set(flags.parts) - set(PARTS))
    if unknown:
        parser.error(f"unknown PART {unknown[0]}; choose from {', '.join(PARTS)}")
    comparisons = []
    for part in flags.parts or PARTS:
        with tempfile.TemporaryDirectory(prefix="sq-bench-") as name:
            folder = Path(name)
            folder.chmod(0o755)  # OpenSearch runs as another user
            comparisons += _run(part, folder)
    if flags.json:
        print(json.dumps([c.as_dict() for c in comparisons], indent=2))
    else:
        Console().print(_table(comparisons))
    return 0


if __name__ == "__main__":
    sys.exit(main())
