"""`bazel run //e2e:endpoints`: retrieve over OpenSearch, Solr and two JSON APIs, and artefacts on gs://."""

from __future__ import annotations

import os
import sys
import tempfile
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

from sq.v1.report_pb2 import MarketReport
from sq.v1.retrieval_pb2 import RetrievalFailureReason, RetrievalRecord
from sq_demo.search import search_service
from sq_e2e.checks import Checks
from sq_e2e.places import ROOT, SEARCHD
from sq_endpoints import configuration
from sq_endpoints.faulty import endpoint
from sq_endpoints.google_storage import google_storage
from sq_endpoints.shop import MARKETS, Shop, retrieve
from sq_endpoints.solr import SAMPLE_CORE, load, solr, version
from sq_handoff import ArtefactReader, fetch_manifest

_SOLR = Path(os.environ.get("SQ_SOLR") or ROOT.parent / "solr/jars")
# A part of the queries is enough to show a fault.
_SOME = ("--shard=0/8",)
_FAKE_GCS = ROOT / "bazel/testservers/fake-gcs-server"


def check_run(checks: Checks, shop: Shop, name: str, of_market) -> None:
    """Checks one whole run. The endpoint must answer every query."""
    with checks.check(f"{name}: sq run ends well in both markets, every query served"):
        done = shop.run(name, of_market)
        assert done.code == 0, done.logs[-3000:]
        for market in MARKETS:
            report = next(iter(ArtefactReader.open(str(shop.workspace / name / market / "report"), MarketReport)))
            found = report.accounting
            print(f"     {market}: {found.queries_chosen} queries, {found.results} results")
            assert found.queries_chosen == found.results > 0, found


def check_same_shop(checks: Checks, shop: Shop, url: str) -> None:
    check_run(checks, shop, "opensearch", lambda market: configuration.like_opensearch(shop.sample, url, market))
    check_run(checks, shop, "json-search", lambda market: configuration.search_as_json(shop.sample, url, market))
    check_run(checks, shop, "json-find", lambda market: configuration.find(url, market))
    for name in ("json-search", "json-find"):
        with checks.check(f"{name}: the digests of all results are those of opensearch"):
            wanted = shop.digests("opensearch")
            assert len(wanted) == len(MARKETS)
            assert shop.digests(name) == wanted
            print(f"     {wanted}")


def check_solr(checks: Checks, shop: Shop, folder: Path) -> None:
    with solr(_SOLR, folder, dict.fromkeys(MARKETS, SAMPLE_CORE)) as url:
        with checks.check("solr: it holds the shop"):
            for market in MARKETS:
                documents = shop.documents(market)
                assert load(url, market, documents) == len(documents) > 0
            print(f"     Solr {version(url)}")
        check_run(checks, shop, "solr", lambda market: configuration.of_solr(shop.sample, url, market))
        with checks.check("solr: a product is the same as through opensearch, by content hash"):
            for market in MARKETS:
                known, found = products(shop, "opensearch", market), products(shop, "solr", market)
                both = known.keys() & found.keys()
                print(f"     {market}: {len(known)} and {len(found)} products, {len(both)} of both")
                assert len(both) > 100
                assert {product: known[product] for product in both} == {product: found[product] for product in both}
        check_solr_refusals(checks, shop, url)


def check_solr_refusals(checks: Checks, shop: Shop, url: str) -> None:
    queries = shop.outputs("opensearch", "generate", "uk")[0]
    config = configuration.of_solr(shop.sample, url, "uk")
    with checks.check("solr: a broken filter is a refusal with Solr's own class of error"):
        config["solr"]["parameters"].append({"name": "fq", "value": "price:[1 TO"})
        output = str(shop.workspace / "solr-refusal")
        done = retrieve(queries, config, output, *_SOME)
        check_ended(done, output, 2, "REFUSED, HTTP 400: org.apache.solr.parser.ParseException")
    with checks.check("solr: a collection that is not there: exit 2, and it names the field"):
        config = configuration.of_solr(shop.sample, url, "none")
        done = retrieve(queries, config, str(shop.workspace / "solr-none"), *_SOME)
        assert (done.code, "solr.collection" in done.logs) == (2, True), done


def products(shop: Shop, name: str, market: str) -> dict[str, str]:
    records = (record.product for record in shop.records(name, market) if record.HasField("product"))
    return {product.product_id: product.content_hash for product in records}


def reason(number: int) -> str:
    return RetrievalFailureReason.Name(number).removeprefix("RETRIEVAL_FAILURE_REASON_")


def failures(uri: str) -> set[tuple[str, str]]:
    """The distinct (reason, detail) of all failures. A result counts as ("RESULT", "")."""
    return {
        (reason(record.failure.reason), record.failure.detail) if record.HasField("failure") else ("RESULT", "")
        for record in ArtefactReader.open(uri, RetrievalRecord)
        if not record.HasField("product")
    }


def check_planted_faults(checks: Checks, shop: Shop, url: str) -> None:
    """Checks the faults that the sample plants in its search service."""
    ways = {
        "faults-opensearch": lambda market: configuration.like_opensearch(shop.sample, url, market),
        "faults-find": lambda market: configuration.find(url, market),
    }
    for name, of_market in ways.items():
        with checks.check(f"{name}: sq run ends well"):
            done = shop.run(name, of_market)
            assert done.code == 0, done.logs[-3000:]
    with checks.check("the same queries fail for the same reasons by either way"):
        by_way = [
            {
                r.failure.query_id: reason(r.failure.reason)
                for m in MARKETS
                for r in shop.records(name, m)
                if r.HasField("failure")
            }
            for name in ways
        ]
        print(f"     {dict(Counter(by_way[0].values()))}")
        assert by_way[0] == by_way[1]
        assert set(by_way[0].values()) == shop.planted_reasons


def check_faults(checks: Checks, shop: Shop) -> None:
    queries = shop.outputs("opensearch", "generate", "uk")[0]
    once = {"max_retries": 0, "concurrency": 64}
    whole = b'{"page": {"found": 1, "entries": [{"relevance": 1, "item": {"sku": "1", "texts": {"name": "a"}}}]}}'
    malformed = "the answer is not JSON or is truncated"
    half = [
        ("500", (500, b"busy"), {}, 0, ("SERVER_ERROR", "HTTP 500")),
        ("500, and a bound on failures", (500, b"busy"), {"max_failure_share": 0.3}, 75, "max_failure_share"),
        ("429", (429, b""), {}, 0, ("RATE_LIMITED", "HTTP 429")),
        ("broken JSON", (200, whole[:50]), {}, 0, ("MALFORMED", malformed)),
    ]
    for name, fault, more, code, message in half:
        title = f"half of the answers are {name}: exit {code}, {message}"
        with checks.check(title), endpoint(*fault, between=whole) as url:
            output = str(shop.workspace / f"half {name}")
            done = retrieve(queries, configuration.find(url, "uk") | once | more, output, *_SOME)
            check_ended(done, output, code, message, ("RESULT", ""))
    cases = [
        ("500", (500, b"busy"), {}, 75, "SERVER_ERROR, HTTP 500"),
        ("429", (429, b""), {}, 75, "RATE_LIMITED, HTTP 429"),
        ("401", (401, b""), {}, 2, "credentials"),
        ("404", (404, b""), {}, 2, "json.url"),
        ("broken JSON", (200, whole[:50]), {}, 2, f"MALFORMED, {malformed}"),
        ("a list elsewhere", (200, b'{"pages": {"entries": []}}'), {}, 2, "json.answer.total: "),
        ("no id", (200, whole.replace(b'"sku"', b'"id"')), {}, 2, "json.answer.id: "),
        ("a list for an object", (200, whole.replace(b'"1"', b'{"de": "1"}')), {}, 2, "json.answer.id: "),
    ]
    for name, (status, body), more, code, message in cases:
        with checks.check(f"{name}: exit {code}, {message}"), endpoint(status, body) as url:
            output = str(shop.workspace / f"fault {name}")
            check_ended(
                retrieve(queries, configuration.find(url, "uk") | once | more, output, *_SOME), output, code, message
            )
    for kind, of_url in (
        ("json", configuration.find),
        ("solr", lambda url, market: configuration.of_solr(shop.sample, url, market)),
    ):
        with checks.check(f"{kind}: an endpoint that does not answer in time: TIMEOUT"), endpoint(200, whole, 2) as url:
            output = str(shop.workspace / f"slow {kind}")
            config = of_url(url, "uk") | once | {"attempt_timeout_seconds": 0.2, "query_timeout_seconds": 0.4}
            done = retrieve(queries, config, output, *_SOME)
            check_ended(done, output, 75, "TIMEOUT, no complete answer within the deadline")
    with checks.check("an unknown placeholder: exit 2, and it names the field and the known ones"):
        config = configuration.find("http://127.0.0.1:9", "uk")
        config["json"]["parameters"][0]["value"] = "{{text}}"
        done = retrieve(queries, config, str(shop.workspace / "placeholder"))
        assert done.code == 2 and "json.parameters[0].value" in done.logs and "{{query}}" in done.logs, done


def check_ended(done, output: str, code: int, message: str | tuple[str, str], *besides: tuple[str, str]) -> None:
    """Whether a stage ended with this code, and this error or these failures.

    Args:
        message: part of the error; or reason and detail of the failures.
        besides: the other records.
    """
    assert done.code == code, done.logs[-2000:]
    if code:
        assert message in done.logs, done.logs[-2000:]
        assert not (Path(output) / "manifest.json").exists()
    else:
        assert failures(output) == {message, *besides}, failures(output)


def check_google(checks: Checks, shop: Shop, folder: Path, search_url: str) -> None:
    with google_storage(_FAKE_GCS, folder, "lake") as url:
        os.environ["STORAGE_EMULATOR_HOST"] = url
        queries = shop.outputs("opensearch", "generate", "uk")[0]
        config = configuration.like_opensearch(shop.sample, search_url, "uk")
        with checks.check("gs: what Go publishes there Python reads, equal to that on disk"):
            done = retrieve(queries, config, "gs://lake/run/retrieve")
            assert done.code == 0, done.logs[-2000:]
            wanted = fetch_manifest(shop.outputs("opensearch", "retrieve", "uk")[0])
            assert fetch_manifest("gs://lake/run/retrieve").digest == wanted.digest
            read = sum(1 for _ in ArtefactReader.open("gs://lake/run/retrieve", RetrievalRecord))
            assert read == len(shop.records("opensearch", "uk")), read
        with checks.check("gs: finished work is found, and other work is refused its place"):
            assert retrieve(queries, config, "gs://lake/run/retrieve").code == 0
            done = retrieve(queries, config | {"top_k": 3}, "gs://lake/run/retrieve")
            assert (done.code, "another configuration" in done.logs) == (2, True), done.logs[-2000:]


def main() -> int:
    checks = Checks()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sq-endpoints-")))
        os.environ |= {"XDG_STATE_HOME": str(folder / "state"), "BUILD_WORKING_DIRECTORY": str(folder)}
        for name in ("sound", "faulty", "solr", "google"):
            (folder / name).mkdir()
        sound = Shop.copied(folder / "sound", faults=False)
        with search_service(SEARCHD, sound.folder) as url:
            os.environ["SQ_SEARCH_URL"] = url
            check_same_shop(checks, sound, url)
            check_solr(checks, sound, folder / "solr")
            check_google(checks, sound, folder / "google", url)
        check_faults(checks, sound)
        faulty = Shop.copied(folder / "faulty", faults=True)
        with search_service(SEARCHD, faulty.folder) as url:
            check_planted_faults(checks, faulty, url)
    return checks.close()


if __name__ == "__main__":
    sys.exit(main())
