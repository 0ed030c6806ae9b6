"""`bazel run //e2e:diagnosis`: faults in real engines, whether the diagnosis names them, and what their repair brings.

Needs the Chorus catalogue of `places.shared_data`; skips in words where it is not there.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from sq_diagnosis_e2e.costs import cost_line
from sq_diagnosis_e2e.engines import engines
from sq_diagnosis_e2e.oracle import Oracle
from sq_diagnosis_e2e.query_log import QueryLog
from sq_diagnosis_e2e.runs import Site
from sq_diagnosis_e2e.shops import SHOPS, Shop
from sq_diagnosis_e2e.trade import Trade, electronics, fashion
from sq_diagnosis_e2e.truth import MarketRun
from sq_diagnosis_e2e.verdicts import Verdict, judge
from sq_e2e.places import SAMPLE, shared_data
from sq_llm_server import LlmServer

# Distinct queries of a log. Less than a third of them are taken, so that estimates have intervals.
_QUERIES = 1500
# For CI: a fault of each kind of test, and both engines, within minutes.
_SHORT = ("any-word", "attribute-unsearched", "products-missing", "opensearch-no-stemming")


def main() -> int:
    parser = argparse.ArgumentParser(prog="diagnosis", description=__doc__)
    parser.add_argument("--logs", type=int, default=1, metavar="N", help="number of logs, each with a seed of its own")
    parser.add_argument("--short", action="store_true", help=f"only the sound shop, {', '.join(_SHORT)}")
    parser.add_argument("--cost", action="store_true", help="only time the sound shop, with probes and without")
    parser.add_argument("--shops", nargs="+", metavar="NAME", choices=[shop.name for shop in SHOPS], default=[])
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the runs in this empty folder")
    flags = parser.parse_args()
    try:
        data = shared_data()
    except RuntimeError as missing:
        print(f"skipped: {missing}")
        return 0
    trades = {"en": electronics(data / "chorus/products.ndjson.gz"), "de": fashion(SAMPLE)}
    with _folder(flags.keep) as folder:
        if flags.cost:
            return compare_costs(trades, folder)
        shops = chosen(flags.shops or (_SHORT if flags.short else [shop.name for shop in SHOPS]))
        return check(trades, folder, shops, range(1, flags.logs + 1))


def chosen(names: Sequence[str]) -> list[Shop]:
    """The shops of these names, the sound ones, and those that their repair makes of them."""
    others = {name for shop in SHOPS if shop.name in names for name in (shop.sound, shop.after)}
    return [shop for shop in SHOPS if shop.name in names or shop.name in others]


def check(trades: Mapping[str, Trade], folder: Path, shops: Sequence[Shop], seeds: Sequence[int]) -> int:
    """Runs every shop over every log and prints a line for each; 0 where all passed."""
    languages = sorted({shop.language for shop in shops})
    logs = {
        seed: {name: trades[name].make_log(trades[name].products, _QUERIES, seed) for name in languages}
        for seed in seeds
    }
    verdicts: list[Verdict] = []
    with engines(folder, shops, trades, [log for of in logs.values() for log in of.values()]) as urls:
        for seed, of in logs.items():
            print(f"log {seed}: {_QUERIES} distinct queries", flush=True)
            verdicts += run_log(Site(folder, urls, "", dict(trades)), shops, f"log-{seed}", of)
    inside = [verdict.inside for verdict in verdicts if verdict.inside is not None]
    failed = sum(not verdict.passed for verdict in verdicts)
    print(f"what came lies inside {sum(inside)} of {len(inside)} intervals")
    print(f"{len(verdicts) - failed} passed, {failed} failed", flush=True)
    return 1 if failed or not verdicts else 0


def compare_costs(trades: Mapping[str, Trade], folder: Path) -> int:
    """Runs the sound shop with probes and without, and prints the seconds of each."""
    shops = chosen(["sound"])
    log = trades["en"].make_log(trades["en"].products, _QUERIES, 1)
    path = log.write(folder / "log-en.csv")
    with engines(folder, shops, trades, [log]) as urls, LlmServer(answer=Oracle(log.meant).answer) as oracle:
        for probes in (True, False, True, False):
            site = Site(folder, urls, oracle.url, dict(trades), probes=probes)
            started = time.monotonic()
            site.run(f"cost-{started:.0f}", shops, {"en": path})
            print(f"{'with' if probes else 'without'} probes: {time.monotonic() - started:.0f} seconds", flush=True)
    return 0


def run_log(site: Site, shops: Sequence[Shop], name: str, logs: Mapping[str, QueryLog]) -> list[Verdict]:
    """The verdicts on all shops over one log of each language."""
    paths = {language: log.write(site.folder / f"{name}-{language}.csv") for language, log in logs.items()}
    meant = {text: intent for log in logs.values() for text, intent in log.meant.items()}
    with LlmServer(answer=Oracle(meant).answer) as oracle:
        started = time.monotonic()
        run = replace(site, judge=oracle.url).run(name, shops, paths)
        seconds = time.monotonic() - started
    runs = {shop.name: MarketRun(run / shop.name) for shop in shops}
    verdicts = []
    for shop in (shop for shop in shops if shop.judged):
        verdicts.append(judge(shop, runs[shop.name], runs[shop.after]))
        print(verdicts[-1].line, flush=True)
    print(cost_line(list(runs.values()), seconds), flush=True)
    return verdicts


@contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    with ExitStack() as stack:
        if kept is None:
            kept = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sq-diagnosis-")))
        kept.mkdir(parents=True, exist_ok=True)
        yield kept.absolute()


if __name__ == "__main__":
    sys.exit(main())
