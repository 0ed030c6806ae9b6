"""`bazel run //e2e:ner`: the pipeline with the service sq-ner, and its failures.

Needs openssl. Ends with 'N passed, N failed'.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from sq.v1.ner_config_pb2 import NerMarket, NerOptions
from sq_demo.search import search_service
from sq_e2e.checks import Checks
from sq_e2e.places import SAMPLE, SEARCHD
from sq_e2e.servers import free_port
from sq_ner.client import NerConnection
from sq_ner.entries import market_entries
from sq_ner.markets import catalogue_values
from sq_ner.tagger import GazetteerTagger
from sq_ner_e2e.certificates import authority, leaf
from sq_ner_e2e.service import SQ_NER, TYPOS, launch, serving
from sq_ner_e2e.shop import Shop, finish
from sq_source import read_catalogue

MIB = 1 << 20


def check_pipeline(checks: Checks, shop: Shop) -> None:
    """Compares runs with and without the service."""
    with checks.check("sq run without a service"):
        shop.run("alone")
    with serving(shop.folder, "sq-ner", shop.server_config()) as service:
        with checks.check("sq run with sq-ner: every artefact has the same digest"):
            shop.run("asked", {"ner_address": service.address})
            assert shop.digests("asked") == shop.digests("alone"), "digests differ"
            assert len(shop.digests("asked")) > 8, shop.digests("asked")
        with checks.check("the provenance names the engine, and both stages the same"):
            engines = {
                name: manifest["provenance"].get("tagEngines", [])
                for name, manifest in shop.manifests("asked").items()
                if name.startswith("de/")
            }
            assert [engine["language"] for engine in engines["de/generate"]] == ["en", "de"], engines
            assert engines["de/ner-diff"] == engines["de/generate"][1:], engines
            assert engines["de/generate"][0]["name"] == "sq-gazetteer"
        with checks.check("an engine that is not the one named: exit 2"):
            ner = {"ner_address": service.address, "ner_options": {"engine": "spacy/4"}}
            log = shop.generate("engine", "uk", ner, expect=2)
            assert "ner_options.engine" in log, log[-800:]
        with checks.check("the server logs JSON lines and counts its calls"):
            texts = sum(event["texts"] for event in service.events("tagged"))
            assert texts > len(shop.queries()), texts


def check_kill(checks: Checks, shop: Shop) -> None:
    """Kills the server during a run. The batches are small, so that the kill comes between two of them."""
    port = free_port()
    config = shop.server_config() | {"listen": f"127.0.0.1:{port}"}
    ner = {"ner_address": f"127.0.0.1:{port}", "ner_options": {"batch_size": 10, "concurrency": 1}}
    with checks.check("kill -9 of the server in the middle, and a new one: the run finishes with the same digests"):
        with serving(shop.folder, "first", config) as first:
            run = shop.start("killed", ner)
            first.wait_for("tagged", 20)
            assert first.end(signal.SIGKILL) == -signal.SIGKILL
            assert run.poll() is None, "the run ended before the kill"
        with serving(shop.folder, "second", config) as second:
            finish(run)
            assert second.events("tagged"), "the second server got no request"
        assert shop.digests("killed") == shop.digests("alone"), "digests differ"


def check_drain(checks: Checks, shop: Shop, texts: list[str]) -> None:
    with (
        checks.check("SIGTERM: the call under way is answered, exit 0"),
        serving(shop.folder, "drain", shop.server_config(max_texts=100_000)) as service,
        NerConnection(service.address, NerOptions(batch_size=50_000, concurrency=1)) as connection,
    ):
        tagger = connection.tagger("de", "")
        answers: list[int] = []
        asking = threading.Thread(target=lambda: answers.append(len(tagger.tag_all(texts[:20_000]))))
        asking.start()
        time.sleep(0.1)  # the time is the input of the check: the call is in progress
        assert service.end() == 0
        asking.join()
        assert answers == [20_000], answers
        assert service.events("stopped")[-1]["texts"] == 20_000, service.events("stopped")


def check_tls(checks: Checks, shop: Shop) -> None:
    ours, other = authority(shop.folder, "ours"), authority(shop.folder, "other")
    server, client = leaf(shop.folder, "server", ours), leaf(shop.folder, "client", ours)
    server_tls = {"certificate_file": str(server.certificate), "key_file": str(server.key)}
    trust = {"ca_file": str(ours.certificate)}
    shown = trust | {"certificate_file": str(client.certificate), "key_file": str(client.key)}

    def ner(address: str, tls: dict | None) -> dict:
        return {"ner_address": address, "ner_options": {"start_seconds": 2} | ({"tls": tls} if tls else {})}

    with serving(shop.folder, "tls", shop.server_config(tls=server_tls)) as service:
        with checks.check("TLS with the right authority"):
            shop.generate("tls", "de", ner(service.address, trust))
        with checks.check("TLS with a wrong authority: exit 2, and it says ner_options.tls"):
            log = shop.run("wrong-ca", ner(service.address, {"ca_file": str(other.certificate)}), expect=2)
            assert "ner_options.tls" in log and "CERTIFICATE_VERIFY_FAILED" in log, log[-800:]
        with checks.check("a certificate for another name: exit 2"):
            log = shop.generate("name", "de", ner(service.address, trust | {"server_name": "shop.example"}), expect=2)
            assert "ner_options.tls" in log and "Hostname" in log, log[-800:]
        with checks.check("no TLS where the service wants it: exit 75, with a hint"):
            log = shop.generate("plain", "de", ner(service.address, None), expect=75)
            assert "does the service want TLS" in log, log[-800:]
        with checks.check("a file that is no certificate: exit 2"):
            log = shop.generate("no-pem", "de", ner(service.address, {"ca_file": str(ours.key)}), expect=2)
            assert "ner_options.tls.ca_file" in log, log[-800:]
    with serving(
        shop.folder, "mtls", shop.server_config(tls=server_tls | {"client_ca_file": str(ours.certificate)})
    ) as service:
        with checks.check("a client certificate, where the service asks for one"):
            shop.generate("mtls", "de", ner(service.address, shown))
        with checks.check("none, where it asks for one: exit 75, with a hint"):
            log = shop.generate("mtls-none", "de", ner(service.address, trust), expect=75)
            assert "client certificate" in log, log[-800:]


def check_refusals(checks: Checks, shop: Shop) -> None:
    def ner(address: str, **options: object) -> dict:
        return {"ner_address": address, "ner_options": options}

    with checks.check("unreachable: exit 75"):
        log = shop.generate("nobody", "uk", ner(f"127.0.0.1:{free_port()}", start_seconds=1), expect=75)
        assert "not ready after 1 s" in log, log[-800:]
    config = shop.server_config()
    config["markets"] = [market for market in config["markets"] if market["market"] == "uk"]
    config["markets"][0].pop("gazetteerUri")
    with serving(shop.folder, "older", config) as service:
        with checks.check("another gazetteer: exit 2, with both digests"):
            log = shop.generate("older", "uk", ner(service.address), expect=2)
            assert "is not available" in log and log.count("sha256:") >= 2, log[-800:]
        with checks.check("a service that stands still: exit 75 at the deadline"):
            service.process.send_signal(signal.SIGSTOP)
            started = time.monotonic()
            log = shop.generate("still", "uk", ner(service.address, timeout_seconds=2, start_seconds=2), expect=75)
            assert "did not answer within 2 s" in log, log[-800:]
            assert time.monotonic() - started < 60
    with checks.check("a server whose configuration is wrong: exit 2"):
        config["markets"][0]["catalogue"]["uri"] = "/no/such/file.ndjson"
        command = [*SQ_NER, "--config", json.dumps(config)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.returncode, "/no/such/file.ndjson" in done.stderr) == (2, True), done.stderr[-800:]


def check_load(checks: Checks, shop: Shop, texts: list[str]) -> None:
    """Sends many batches from several clients at once."""
    local = local_tagger(shop, "de")
    expected = local.tag_all(texts)
    with serving(shop.folder, "load", shop.server_config()) as service:
        before = 0
        for batch_size in (64, 1024):
            with checks.check(f"{len(texts)} texts from 4 clients in batches of {batch_size}: the same tags"):
                started = time.monotonic()
                wrong = _tag_from_clients(service.address, local, texts, expected, batch_size)
                seconds = time.monotonic() - started
                assert wrong == [], wrong[:3]
                rate = 4 * len(texts) / seconds
                print(f"     {rate:,.0f} texts/s, server {service.rss() / MIB:.0f} MiB", flush=True)
                assert not before or service.rss() < before + 64 * MIB, "the server's memory grew with the load"
                before = service.rss()


def _tag_from_clients(address: str, local: GazetteerTagger, texts: list, expected: list, batch_size: int) -> list:
    wrong: list[str] = []

    def ask() -> None:
        with NerConnection(address, NerOptions(batch_size=batch_size)) as connection:
            found = connection.tagger("de", local.engine.gazetteer_digest).tag_all(texts)
            wrong.extend(text for text, a, b in zip(texts, found, expected, strict=True) if a != b)

    clients = [threading.Thread(target=ask) for _ in range(4)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    return wrong


def local_tagger(shop: Shop, language: str) -> GazetteerTagger:
    generate = shop.markets()["de"].generate
    market = NerMarket(catalogue=generate.catalogue)
    values = catalogue_values(read_catalogue(market.catalogue, "catalogue"))
    return GazetteerTagger(market_entries(values, generate.gazetteer_uri, language), language)


def check_own_engine(checks: Checks, shop: Shop) -> None:
    """Checks a shop's own engine: the example that tolerates typing errors."""
    catalogue = shop.folder / "catalogue.en.ndjson"
    command = [*TYPOS, "--listen", "127.0.0.1:0", "--catalogue", str(catalogue)]
    with checks.check("a shop's own engine tags a whole run, and the provenance names it"):
        service = launch(shop.folder, "typos", command)
        try:
            ner = {"ner_address": service.address, "ner_options": {"engine": "typos"}}
            shop.run("typos", ner, markets=("uk",))
        finally:
            service.end()
        (engine,) = shop.manifests("typos")["uk/generate"]["provenance"]["tagEngines"]
        assert engine["name"] == "typos" and "gazetteerDigest" not in engine, engine
        assert shop.digests("typos")["uk/generate"] != shop.digests("alone")["uk/generate"]


def main() -> int:
    checks = Checks()
    with tempfile.TemporaryDirectory(prefix="sq-ner-") as name, search_service(SEARCHD, SAMPLE) as search_url:
        shop = Shop.at(Path(name), search_url)
        texts = (shop.queries() * 50)[:50_000]
        check_pipeline(checks, shop)
        check_kill(checks, shop)
        check_drain(checks, shop, texts)
        check_tls(checks, shop)
        check_refusals(checks, shop)
        check_load(checks, shop, texts)
        check_own_engine(checks, shop)
    return checks.close()


if __name__ == "__main__":
    sys.exit(main())
