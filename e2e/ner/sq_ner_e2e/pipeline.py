"""Checks of whole runs: with and without the service, through a kill, and with a shop's own engine."""

from __future__ import annotations

import signal

from sq_e2e.checks import Checks
from sq_e2e.servers import free_port
from sq_ner_e2e.service import TYPOS, launch, serving
from sq_ner_e2e.shop import Shop, finish


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
