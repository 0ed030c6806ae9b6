import pytest

from sq.v1.generate_config_pb2 import GenerateConfig
from sq.v1.retrieve_config_pb2 import RetrieveConfig
from sq.v1.source_pb2 import SecretSource
from sq_stagekit import InputError
from sq_stagekit.config import load_yaml, parse_config
from sq_stagekit.secrets import read_secret

GENERATE = """
source_language: en
target_language: de
log: {uri: [log.ndjson]}
catalogue: {uri: catalogue.ndjson}
translation: {glossary: {uri: glossary.csv}}
"""

BROKEN = {
    "a rule over two fields": (GENERATE.replace("translation", "#"), "translation is needed"),
    "a pattern": (GENERATE.replace("en", "english", 1), "source_language"),
    "a required message": (GENERATE.replace("catalogue", "#"), "catalogue"),
    "both arms of a choice": (GENERATE + "fixed: {text: [a]}", "queries"),
    "an item of a list": (GENERATE + "value_tag_types: [BRAND, colour]", "value_tag_types[1]"),
    "an enum's name": (GENERATE + "engine: ENGINE_MAGIC", "ENGINE_MAGIC"),
    "an unknown nested field": (GENERATE.replace("{uri: glossary.csv}", "{url: x}"), "url"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_configuration_names_the_field(case: str) -> None:
    text, expected = BROKEN[case]
    with pytest.raises(InputError) as caught:
        parse_config(load_yaml(text, "market.yaml"), GenerateConfig, "market.yaml")
    assert expected in str(caught.value)
    assert str(caught.value).startswith("market.yaml")


def test_a_good_configuration_parses() -> None:
    config = parse_config(load_yaml(GENERATE, "x"), GenerateConfig, "x")
    assert config.translation.glossary.uri == "glossary.csv"


def test_timestamps_are_written_as_people_write_them() -> None:
    text = GENERATE.replace("{uri: [log.ndjson]}", "{uri: [a], start: 2026-01-01T00:00:00Z}")
    config = parse_config(load_yaml(text, "x"), GenerateConfig, "x")
    assert config.log.start.seconds == 1767225600


def test_exactly_one_way_of_asking() -> None:
    fields = {"opensearch": {"url": "http://x", "index": "i"}, "fields": {"id": "id", "title": "t"}}
    with pytest.raises(InputError, match="search_fields or body_template"):
        parse_config(fields, RetrieveConfig, "x")


def test_secrets_come_from_the_environment_or_a_file(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("SQ_KEY", "k1")
    (tmp_path / "key").write_text("k2\n")
    assert read_secret(SecretSource(env="SQ_KEY"), "api_key") == "k1"
    assert read_secret(SecretSource(file=str(tmp_path / "key")), "api_key") == "k2"
    assert read_secret(SecretSource(), "api_key", default_env="SQ_KEY") == "k1"


@pytest.mark.parametrize("source", [SecretSource(env="SQ_ABSENT"), SecretSource(file="/absent")])
def test_an_absent_secret_is_an_input_error(source: SecretSource) -> None:
    with pytest.raises(InputError, match="api_key"):
        read_secret(source, "api_key")
