"""Checks of TLS between stages and the service."""

from __future__ import annotations

from sq_e2e.checks import Checks
from sq_ner_e2e.certificates import authority, leaf
from sq_ner_e2e.service import serving
from sq_ner_e2e.shop import Shop


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
            assert "the service may require TLS" in log, log[-800:]
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
