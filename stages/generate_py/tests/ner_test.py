"""With a NER service, the stage gives the same artefacts of the sample shop as without."""

import gzip
import json
import logging
from contextlib import contextmanager

import pytest
from google.protobuf import json_format

from sq.v1.generate_config_pb2 import GenerateConfig
from sq.v1.ner_config_pb2 import NerMarket, NerOptions, NerServerConfig
from sq.v1.query_pb2 import QuerySetRecord
from sq_cli.run_config import read_run_config
from sq_generate import __main__ as program
from sq_generate.run import run
from sq_handoff import ArtefactReader
from sq_ner.client import NerConnection
from sq_ner.entries import market_entries
from sq_ner.markets import catalogue_values, load_markets
from sq_ner.server import NerServer
from sq_ner.tagger import GazetteerTagger
from sq_sample.market import write_sample
from sq_sample.plans import EVERYTHING
from sq_source import read_catalogue
from sq_stagekit import Stage, run_stage

LOG = logging.getLogger("sq.test")
MARKETS = ["uk", "de"]


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """generate's configuration of each market of the sample shop."""
    folder = tmp_path_factory.mktemp("sample")
    write_sample(folder, 7, EVERYTHING)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SQ_SEARCH_URL", "http://127.0.0.1:9")
        patch.setenv("SQ_WORKSPACE", str(folder))
        return {market.market: market.generate for market in read_run_config(folder / "sample.yaml").markets}


def ner_market(name: str, config: GenerateConfig) -> NerMarket:
    return NerMarket(
        market=name,
        source_language=config.source_language,
        target_language=config.target_language,
        catalogue=config.catalogue,
        source_catalogue=config.source_catalogue if config.HasField("source_catalogue") else None,
        gazetteer_uri=config.gazetteer_uri,
    )


@contextmanager
def served(markets):
    server = NerServer(NerServerConfig(listen="127.0.0.1:0"), LOG)
    try:
        server.serve(load_markets(markets, LOG))
        yield f"127.0.0.1:{server.port}"
    finally:
        server.stop()


@pytest.fixture(scope="module")
def address(shop):
    with served([ner_market(name, config) for name, config in shop.items()]) as place:
        yield place


def start(config, output, name):
    text = json_format.MessageToJson(config)
    flags = ["--run-id", "r", "--market", name, "--config", text, "--output", str(output)]
    return run_stage(Stage.beside(program.__file__), run, flags)


def by_service(config, address, **options):
    asked = GenerateConfig()
    asked.CopyFrom(config)
    asked.ner_address = address
    asked.ner_options.CopyFrom(NerOptions(**options))
    return asked


@pytest.mark.parametrize("name", MARKETS)
def test_the_service_gives_the_same_artefact(shop, address, tmp_path, name):
    assert start(shop[name], tmp_path / "alone", name) == 0
    assert start(by_service(shop[name], address, batch_size=100), tmp_path / "asked", name) == 0
    alone, asked = (ArtefactReader.open(str(tmp_path / folder), QuerySetRecord) for folder in ("alone", "asked"))
    assert asked.digest == alone.digest
    engines = asked.manifest.provenance.tag_engines
    assert engines == alone.manifest.provenance.tag_engines
    assert [engine.language for engine in engines] == {"uk": ["en"], "de": ["en", "de"]}[name]
    assert all(engine.gazetteer_digest for engine in engines)
    assert asked.manifest.provenance.configuration_digest != alone.manifest.provenance.configuration_digest


@pytest.mark.parametrize("name", MARKETS)
def test_every_query_and_product_of_the_sample_has_the_same_tags(shop, address, name):
    config = shop[name]
    with gzip.open(config.log.uri[0] + "ubi_queries.ndjson.gz", "rt", encoding="utf-8") as log:
        texts = sorted({json.loads(line)["user_query"] for line in log if line.startswith('{"') and "}" in line[-3:]})
    texts += [product.title for product in read_catalogue(config.catalogue, "catalogue")]
    assert len(texts) > 2000
    for catalogue, language in (
        (
            config.source_catalogue if config.HasField("source_catalogue") else config.catalogue,
            config.source_language,
        ),
        (config.catalogue, config.target_language),
    ):
        values = catalogue_values(read_catalogue(catalogue, "catalogue"))
        local = GazetteerTagger(market_entries(values, config.gazetteer_uri, language), language)
        with NerConnection(address, NerOptions()) as service:
            found = service.tagger(language, local.engine.gazetteer_digest).tag_all(texts)
        assert found == local.tag_all(texts)
        assert sum(map(bool, found)) > len(texts) / 4


def test_a_service_with_an_older_gazetteer_is_refused_and_nothing_is_written(shop, tmp_path, capfd):
    market = ner_market("uk", shop["uk"])
    market.gazetteer_uri = ""
    with served([market]) as place:
        assert start(by_service(shop["uk"], place), tmp_path / "out", "uk") == 2
    event = json.loads(capfd.readouterr().err.splitlines()[-1])
    assert event["field"] == "ner_address"
    assert "is not available" in event["message"]
    assert not (tmp_path / "out" / "manifest.json").exists()


def test_an_unavailable_service_ends_the_stage_with_75(shop, tmp_path):
    assert start(by_service(shop["uk"], "127.0.0.1:1", start_seconds=0.1), tmp_path / "out", "uk") == 75
    assert not (tmp_path / "out" / "manifest.json").exists()
