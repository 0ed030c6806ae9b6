"""sq-retrieve over OpenSearch, against wrk with the same requests and the same number of connections."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from sq.v1.manifest_pb2 import Provenance
from sq.v1.query_pb2 import Band, Query, QuerySetRecord, Segment
from sq_bench.measure import Comparison, from_rates
from sq_e2e.opensearch_index import index_documents
from sq_e2e.servers import opensearch
from sq_handoff import ArtefactWriter

QUERIES = 4000
CONNECTIONS = 8
TOP_K = 25
PAIRS = 5
_COPIES = 10  # of the sample catalogue, so that a search costs as much as in a shop of 20,000 products
_INDEX = "bench"
_FIELDS = ["title^3", "brand^2", "description"]
_BODY = {
    "query": {"multi_match": {"query": "{{query}}", "fields": _FIELDS, "type": "best_fields"}},
    "size": "{{size}}",
    "track_total_hits": True,
}


def run(folder: Path, distribution: Path, retrieve: Path, catalogue: Path) -> list[Comparison]:
    """Measures the queries per second of both, in turn.

    Raises:
        RuntimeError: wrk is missing.
    """
    if shutil.which("wrk") is None:
        raise RuntimeError("wrk is not installed: run apt-get install wrk")
    products = [json.loads(line) for line in catalogue.read_text(encoding="utf-8").splitlines()]
    texts = list(_queries(products))
    queries = _query_set(folder / "queries", texts)
    script = _wrk_script(folder / "requests.lua", texts)
    with opensearch(distribution, folder) as url:
        _load(url, products)
        rates = []
        for pair in range(PAIRS + 1):  # the first pair warms OpenSearch up and does not count
            ours = _ours(retrieve, queries, folder / f"out-{pair}", url)
            rates.append((ours, _theirs(script, url)))
    return [
        from_rates(
            f"retrieve, {CONNECTIONS} connections", "queries/s", "wrk, the same requests and connections", rates[1:]
        )
    ]


def _queries(products: list[dict]) -> Iterator[str]:
    """Distinct queries of two or three words from a product's title."""
    seen = set()
    for number in range(len(products) * 10):
        words = products[number * 7919 % len(products)]["title"].lower().split()
        text = " ".join(words[number % 2 : number % 2 + 2 + number % 3 // 2]) + (
            f" {number}" if number % 5 == 0 else ""
        )
        if text and text not in seen:
            seen.add(text)
            yield text
        if len(seen) == QUERIES:
            return


def _query_set(uri: Path, texts: list[str]) -> str:
    writer = ArtefactWriter(str(uri), QuerySetRecord)
    queries = [
        Query(
            query_id=f"q{number:016x}",
            segment_id="all",
            source_text=text,
            source_language="en",
            text=text,
            language="en",
            band=Band.BAND_HEAD,
        )
        for number, text in enumerate(texts)
    ]
    writer.write(QuerySetRecord(segment=Segment(segment_id="all", queries=queries)))
    writer.publish(Provenance(stage="bench"))
    return str(uri)


def _request(text: str) -> str:
    return json.dumps(_BODY).replace('"{{query}}"', json.dumps(text)).replace('"{{size}}"', str(TOP_K))


def _wrk_script(path: Path, texts: list[str]) -> Path:
    bodies = ",\n".join(f"[=[{_request(text)}]=]" for text in texts)
    path.write_text(
        f"local bodies = {{\n{bodies}\n}}\nlocal next = 0\n"
        'local headers = {["Content-Type"] = "application/json"}\n'
        f"function request() next = next % #bodies + 1\n"
        f'  return wrk.format("POST", "/{_INDEX}/_search", headers, bodies[next]) end\n'
    )
    return path


def _load(url: str, products: list[dict]) -> None:
    copies = ((f"{product['id']}-{copy}", json.dumps(product)) for copy in range(_COPIES) for product in products)
    index_documents(f"{url}/{_INDEX}", copies)
    httpx.post(f"{url}/{_INDEX}/_forcemerge?max_num_segments=1", timeout=120).raise_for_status()
    httpx.post(f"{url}/{_INDEX}/_refresh").raise_for_status()


def _ours(program: Path, queries: str, output: Path, url: str) -> float:
    config = {
        "opensearch": {"url": url, "index": _INDEX, "body_template": json.dumps(_BODY)},
        "fields": {"id": "id", "title": "title", "brand": "brand", "category": "category"},
        "top_k": TOP_K,
        "concurrency": CONNECTIONS,
    }
    command = [str(program), "--run-id=bench", "--market=bench", f"--config={json.dumps(config)}"]
    start = time.perf_counter()
    done = subprocess.run(
        [*command, f"--input=queries={queries}", f"--output={output}"], check=True, capture_output=True, text=True
    )
    elapsed = time.perf_counter() - start
    counts = {item["kind"]: int(item["records"]) for item in json.loads(done.stdout)["counts"]}
    if counts.get("result") != QUERIES:
        raise RuntimeError(f"OpenSearch did not answer every query: {counts}")
    return QUERIES / elapsed


def _theirs(script: Path, url: str) -> float:
    command = ["wrk", "-t2", f"-c{CONNECTIONS}", "-d8s", "-s", str(script), url]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in text:
        raise RuntimeError(f"OpenSearch answered wrk with errors:\n{text}")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1])
