"""`bazel run //e2e:diagnosis`: faults in real engines, whether the diagnosis names them, and what their repair brings.

Needs the Chorus catalogue of `places.shared_data`; skips in words where it is not there.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sq_diagnosis_e2e.catalogue import read_products, without_field, write
from sq_diagnosis_e2e.costs import cost_line
from sq_diagnosis_e2e.oracle import Oracle
from sq_diagnosis_e2e.query_log import QueryLog, make_log
from sq_diagnosis_e2e.runs import Site
from sq_diagnosis_e2e.shops import SHOPS, SOUND, Shop
from sq_diagnosis_e2e.truth import MarketRun
from sq_diagnosis_e2e.verdicts import Verdict, judge
from sq_diagnosis_e2e.wording import synonym_lines
from sq_e2e.places import ROOT, shared_data
from sq_endpoints.solr import load, solr
from sq_llm_server import LlmServer

_SOLR = Path(os.environ.get("SQ_SOLR") or ROOT.parent / "solr/jars")
_QUERIES = 450
# For CI: a fault of each form, within minutes.
_SHORT = (SOUND, "no-stemming", "no-delimiter", "any-word", "attribute-unsearched")


def main() -> int:
    parser = argparse.ArgumentParser(prog="diagnosis", description=__doc__)
    parser.add_argument("--logs", type=int, default=1, metavar="N", help="number of logs, each with a seed of its own")
    parser.add_argument("--short", action="store_true", help=f"only {', '.join(_SHORT)}")
    parser.add_argument("--shops", nargs="+", metavar="NAME", choices=[shop.name for shop in SHOPS], default=[])
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the runs in this empty folder")
    flags = parser.parse_args()
    try:
        data = shared_data()
    except RuntimeError as missing:
        print(f"skipped: {missing}")
        return 0
    names = set(flags.shops or (_SHORT if flags.short else [shop.name for shop in SHOPS])) | {SOUND}
    with _folder(flags.keep) as folder:
        return check(data, folder, [shop for shop in SHOPS if shop.name in names], range(1, flags.logs + 1))


def check(data: Path, folder: Path, shops: Sequence[Shop], seeds: Sequence[int]) -> int:
    """Runs every shop over every log and prints a line for each; 0 where all passed."""
    products = read_products(data / "chorus/products.ndjson.gz")
    logs = {seed: make_log(products, _QUERIES, seed) for seed in seeds}
    passed: list[Verdict] = []
    with _engine(folder, shops, products, logs.values()) as url:
        for seed, log in logs.items():
            print(f"log {seed}: {len(log.meant)} queries", flush=True)
            passed += run_log(folder, url, shops, seed, log)
    inside = [verdict.inside for verdict in passed if verdict.inside is not None]
    failed = sum(not verdict.passed for verdict in passed)
    print(f"what came lies inside {sum(inside)} of {len(inside)} intervals")
    print(f"{len(passed) - failed} passed, {failed} failed", flush=True)
    return 1 if failed or not passed else 0


def run_log(folder: Path, url: str, shops: Sequence[Shop], seed: int, log: QueryLog) -> list[Verdict]:
    """The verdicts on all shops over one log. The sound shop is what every other becomes by its repair."""
    path = log.write(folder / f"log-{seed}.csv")
    with LlmServer(answer=Oracle(log.meant).answer) as oracle:
        site = Site(folder, url, oracle.url, _catalogues(folder, shops), folder / "synonyms.txt")
        started = time.monotonic()
        run = site.run(f"log-{seed}", shops, path)
        seconds = time.monotonic() - started
    sound = MarketRun(run / SOUND)
    verdicts = []
    for shop in shops:
        verdicts.append(judge(shop, MarketRun(run / shop.name), sound))
        print(verdicts[-1].line, flush=True)
    print(cost_line([MarketRun(run / shop.name) for shop in shops], seconds), flush=True)
    return verdicts


@contextmanager
def _engine(folder: Path, shops: Sequence[Shop], products: list[dict], logs: Sequence[QueryLog]) -> Iterator[str]:
    """A Solr that holds the shops' cores; gives its URL."""
    mistyped = {wrong: right for log in logs for wrong, right in log.mistyped.items()}
    (folder / "synonyms.txt").write_text("\n".join(synonym_lines()), encoding="utf-8")
    cores = {shop.core: shop for shop in shops}
    settings = {core: shop.analysis.write(folder / "cores" / core, mistyped) for core, shop in cores.items()}
    catalogues = _catalogues(folder, shops)
    with solr(_SOLR, folder / "solr", settings, heap="1g") as url:
        for core, shop in cores.items():
            path = write(without_field(products, "colour", shop.wiped), catalogues[core])
            documents = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
            held = load(url, core, documents)
            if held != len(products):
                raise RuntimeError(f"the core {core} holds {held} of {len(products)} products")
        yield url


def _catalogues(folder: Path, shops: Sequence[Shop]) -> dict[str, Path]:
    return {shop.core: folder / f"products-{shop.core}.ndjson" for shop in shops}


@contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    with ExitStack() as stack:
        if kept is None:
            kept = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sq-diagnosis-")))
        kept.mkdir(parents=True, exist_ok=True)
        yield kept.absolute()


if __name__ == "__main__":
    sys.exit(main())
