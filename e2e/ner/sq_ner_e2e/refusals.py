"""Checks of services that a stage cannot use, and of a wrong configuration."""

from __future__ import annotations

import json
import signal
import subprocess
import time

from sq_e2e.checks import Checks
from sq_e2e.servers import free_port
from sq_ner_e2e.service import SQ_NER, serving
from sq_ner_e2e.shop import Shop


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
