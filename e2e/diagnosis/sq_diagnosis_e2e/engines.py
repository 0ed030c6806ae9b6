"""The engines that hold the shops, and the catalogue files of what they hold."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from sq_diagnosis_e2e import opensearch
from sq_diagnosis_e2e.analysis import Lists
from sq_diagnosis_e2e.catalogue import indexed, most, without_field, write
from sq_diagnosis_e2e.query_log import QueryLog
from sq_diagnosis_e2e.runs import Site
from sq_diagnosis_e2e.shops import Shop
from sq_diagnosis_e2e.trade import Trade
from sq_e2e.places import ROOT
from sq_endpoints import solr

_SOLR = Path(os.environ.get("SQ_SOLR") or ROOT.parent / "solr/jars")


@contextmanager
def engines(
    folder: Path, shops: Sequence[Shop], trades: Mapping[str, Trade], logs: Sequence[QueryLog]
) -> Iterator[dict[str, str]]:
    """Engines that hold the shops' cores and indexes; gives their URLs by name. The catalogue files are written too."""
    spelling = tuple(f"{wrong} => {right}" for log in logs for wrong, right in log.mistyped.items())
    lists = {language: replace(trade.lists, spelling=spelling) for language, trade in trades.items()}
    site = Site(folder, {}, "", dict(trades))
    products: dict[str, list[dict]] = {}
    for shop in shops:
        catalogue = list(without_field(trades[shop.language].products, "colour", shop.wiped))
        write(catalogue, site.catalogue(shop.core))
        products[shop.core] = most(catalogue, shop.unindexed)
    of = {name: {shop.core: shop for shop in shops if shop.engine == name} for name in ("solr", "opensearch")}
    with ExitStack() as stack:
        urls = {}
        if of["solr"]:
            urls["solr"] = stack.enter_context(_solr(folder, of["solr"], lists))
            for core in of["solr"]:
                held = solr.load(urls["solr"], core, indexed(products[core]))
                if held != len(products[core]):
                    raise RuntimeError(f"the core {core} holds {held} of {len(products[core])} products")
        if of["opensearch"]:
            urls["opensearch"] = stack.enter_context(opensearch.opensearch())
            for index, shop in of["opensearch"].items():
                documents = indexed(products[index])
                opensearch.load(urls["opensearch"], index, shop.analysis, lists[shop.language], documents)
        yield urls


@contextmanager
def _solr(folder: Path, cores: Mapping[str, Shop], lists: Mapping[str, Lists]) -> Iterator[str]:
    settings = {
        core: shop.analysis.write(folder / "cores" / core, lists[shop.language]) for core, shop in cores.items()
    }
    (folder / "solr").mkdir()
    with solr.solr(_SOLR, folder / "solr", settings, heap="1g") as url:
        yield url
