"""Tags per second and memory: sq-ner over gRPC against the gazetteer in the process, over the same queries.

The stage runs in a child process, so that its memory is measured alone.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from google.protobuf import json_format

from sq.v1.source_pb2 import Catalogue
from sq_bench.measure import Comparison, from_rates

BRANDS = 20_000
PAIRS = 5
# Queries of one measurement, by batch size. Small batches get fewer queries, so that a measurement ends within seconds.
QUERIES = {1: 2_000, 64: 20_000, 1024: 20_000}
_COLOURS = ["red", "navy blue", "green", "black", "white"]
_CATEGORIES = ["Running Shoes", "Shirts", "Winter Jackets", "Dresses", "Bags"]
_PEER = f"gazetteer in the process, {BRANDS:,} brands"
_START_SECONDS = 300


def run(folder: Path, program: Path) -> list[Comparison]:
    """Makes all comparisons of this part.

    Args:
        program: sq-ner.
    """
    catalogue = folder / "catalogue.ndjson"
    catalogue.write_text("".join(json.dumps(product) + "\n" for product in products()), encoding="utf-8")
    with (
        _server(program, catalogue, folder / "sq-ner.log") as (address, pid),
        _child(catalogue, address) as asking,
        _child(catalogue, "") as alone,
    ):
        rates = {size: [(_ask(asking, size), _ask(alone, size)) for _ in range(PAIRS + 1)] for size in QUERIES}
        peaks = _ask(asking, 0), _ask(alone, 0), float(_peak(pid))
    found = [
        from_rates(f"ner by service, batches of {size}, 2 calls at once", "tags/s", _PEER, pairs[1:])
        for size, pairs in rates.items()
    ]
    mib = [peak / (1 << 20) for peak in peaks]
    return [
        *found,
        from_rates("ner: memory of a stage that asks (less is better)", "MiB", _PEER, [(mib[0], mib[1])]),
        from_rates("ner: memory of sq-ner (less is better)", "MiB", _PEER, [(mib[2], mib[1])]),
    ]


def products() -> Iterator[dict]:
    """Writes a catalogue in which each product has its own brand."""
    for number in range(BRANDS):
        yield {
            "id": f"p{number}",
            "title": f"Product {number}",
            "brand": f"Brand{number} & Sons",
            "category": _CATEGORIES[number % len(_CATEGORIES)],
            "colour": _COLOURS[number % len(_COLOURS)],
        }


def queries(count: int) -> list[str]:
    """Distinct queries of three or four entities."""
    return [
        f"{_COLOURS[n % 5]} {_CATEGORIES[n % 3].lower()} for women brand{n * 7919 % BRANDS} & sons"
        for n in range(count)
    ]


@contextmanager
def _server(program: Path, catalogue: Path, log: Path) -> Iterator[tuple[str, int]]:
    market = {
        "sourceLanguage": "en",
        "targetLanguage": "en",
        "catalogue": json_format.MessageToDict(catalogue_at(catalogue)),
    }
    config = json.dumps({"listen": "127.0.0.1:0", "markets": [market]})
    with log.open("wb") as sink:
        server = subprocess.Popen([str(program), "--config", config], stdin=subprocess.DEVNULL, stderr=sink)
    try:
        yield f"127.0.0.1:{_await_port(server, log)}", server.pid
    finally:
        server.terminate()
        server.wait()


def _await_port(server: subprocess.Popen, log: Path) -> int:
    deadline = time.monotonic() + _START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        for line in log.read_text(encoding="utf-8").splitlines():
            if '"message": "serving"' in line:
                return json.loads(line)["port"]
        time.sleep(0.1)
    raise RuntimeError(f"sq-ner did not start:\n{log.read_text()[-2000:]}")


def catalogue_at(path: Path) -> Catalogue:
    catalogue = Catalogue(uri=str(path))
    catalogue.fields.id, catalogue.fields.title = "id", "title"
    catalogue.fields.brand, catalogue.fields.category = "brand", "category"
    catalogue.fields.attributes.add(field="colour", tag_type="COLOUR")
    return catalogue


@contextmanager
def _child(catalogue: Path, address: str) -> Iterator[subprocess.Popen]:
    child = subprocess.Popen(
        [sys.executable, "-m", "sq_bench.ner_child", str(catalogue), address],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield child
    finally:
        child.stdin.close()
        child.wait()


def _ask(child: subprocess.Popen, batch_size: int) -> float:
    """Asks the child process for one measurement: tags per second, or its peak memory in bytes for the batch size 0."""
    child.stdin.write(f"{batch_size}\n")
    child.stdin.flush()
    answer = child.stdout.readline()
    if not answer:
        raise RuntimeError(f"the tagging process ended with {child.wait()}")
    return float(answer)


def _peak(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) << 10
