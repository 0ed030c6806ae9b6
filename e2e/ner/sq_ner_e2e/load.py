"""Checks of many requests at once, and of a stop during a request."""

from __future__ import annotations

import threading
import time

from sq.v1.ner_config_pb2 import NerMarket, NerOptions
from sq_e2e.checks import Checks
from sq_ner.client import NerConnection
from sq_ner.entries import market_entries
from sq_ner.markets import catalogue_values
from sq_ner.tagger import GazetteerTagger
from sq_ner_e2e.service import serving
from sq_ner_e2e.shop import Shop
from sq_source import read_catalogue

MIB = 1 << 20


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
