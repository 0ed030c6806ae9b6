from collections.abc import Iterator

import pytest
from google.protobuf import message_factory
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from sq.v1.generate_config_pb2 import GenerateConfig
from sq.v1.ner_config_pb2 import NerServerConfig
from sq.v1.pipeline_pb2 import Pipeline
from sq.v1.retrieve_config_pb2 import RetrieveConfig
from sq.v1.run_config_pb2 import RunConfig
from sq.v1.source_pb2 import OpenAiEndpoint, SecretSource
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


@pytest.mark.parametrize("text", ["a: " + "[" * 200_000, "a: " + "{a: " * 100_000, "".join("- " * 50_000)])
def test_yaml_of_any_depth_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(InputError, match=r"market.yaml: is nested more than 100 levels deep in line 1, column \d+"):
        load_yaml(text, "market.yaml")


@pytest.mark.parametrize(
    ("text", "problem", "fix"),
    [
        (GENERATE + "engine: ENGINE_MAGIC", "engine: Invalid enum value ENGINE_MAGIC", "give one of ENGINE_DUCKDB"),
        (GENERATE + "log_window: x", "log_window: there is no such field", "give one of source_language, "),
        (
            GENERATE.replace("{uri: glossary.csv}", "{url: x}"),
            "translation.glossary.url: there is no",
            "give one of uri",
        ),
    ],
)
def test_what_the_parser_refuses_has_its_path_and_what_to_choose_from(text: str, problem: str, fix: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_config(load_yaml(text, "market.yaml"), GenerateConfig, "market.yaml")
    assert caught.value.problem.startswith(problem)
    assert caught.value.fix.startswith(fix)


SECRET = "s3cret"
LEAKS = {
    "a text": 'api_key: "s3cret"',
    "a text with a colon": 'api_key: "s3cret: x"',
    "a list": "api_key: [s3cret]",
    "another field": "api_key: {value: s3cret}",
    "a field of that name": "api_key: {s3cret: x}",
    "a list of names": "api_key: {env: [s3cret]}",
    "a name that is none": "api_key: {env: s3cret-s3cret}",
    "two places": "api_key: {env: s3cret, file: s3cret}",
    "the old name": "apiKey: s3cret",
    "a tag": "api_key: !s3cret",
    "an alias": "api_key: *s3cret",
    "a quote that does not end": 'api_key: "s3cret',
}


@pytest.mark.parametrize("case", LEAKS)
def test_no_letter_of_a_secret_in_a_wrong_place_is_shown(case: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_config(load_yaml(f"model: m\n{LEAKS[case]}", "x"), OpenAiEndpoint, "x")
    said = str(caught.value).replace("api_key", "").replace("secret", "")
    assert "s3" not in said and "s:" not in said and ".s" not in said
    assert "{env: NAME}" in said or "api_key" in str(caught.value) or "YAML" in said


def test_a_secret_for_the_name_of_its_variable_is_not_shown() -> None:
    with pytest.raises(InputError) as caught:
        read_secret(SecretSource(env="ghp_q8Zt"), "api_key")
    assert "ghp" not in str(caught.value)


WRONG_KINDS = {
    "translation: glossary": "translation: is a text, not fields with values",
    "log: {uri: log.ndjson}": "log.uri: is a text, not a list",
    "source_language: 1": "source_language: is a number, not a text",
    "fixed: {text: [a, 2]}": "fixed.text[1]: is a number, not a text",
    "fixed: {text: [null]}": "fixed.text[0]: is nothing, not a text",
    "1: 2": "1: there is no such field",
    "? [a]\n: b": "is not valid YAML: a field has no name in line 1",
    "a: \ud800": "is not valid YAML",
}


@pytest.mark.parametrize("text", WRONG_KINDS)
def test_a_value_of_another_kind_has_its_path(text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_config(load_yaml(text, "x"), GenerateConfig, "x")
    assert caught.value.problem.startswith(WRONG_KINDS[text])


def enums(message: Descriptor, seen: set[str]) -> Iterator[tuple[Descriptor, FieldDescriptor]]:
    """The fields of a message and of all messages below it that have an enum."""
    if message.full_name in seen or message.full_name.startswith("google."):
        return
    seen.add(message.full_name)
    for field in message.fields:
        if field.enum_type:
            yield message, field
        elif field.message_type:
            yield from enums(field.message_type, seen)


CONFIGS = (RunConfig, NerServerConfig, Pipeline)
ENUMS = [item for config in CONFIGS for item in enums(config.DESCRIPTOR, set())]


@pytest.mark.parametrize(("message", "field"), ENUMS, ids=lambda item: item.name)
def test_a_number_that_no_enum_has_is_refused(message: Descriptor, field: FieldDescriptor) -> None:
    value = [99] if field.is_repeated else 99
    with pytest.raises(InputError, match=rf"\b{field.name}: "):
        parse_config({field.name: value}, message_factory.GetMessageClass(message), "x")


def test_there_are_enums_to_refuse() -> None:
    assert {field.name for _, field in ENUMS} >= {"engine", "format", "method", "trigger_rule"}


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
