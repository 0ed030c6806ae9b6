import pytest

from sq.v1.evaluate_config_pb2 import EvaluateConfig
from sq.v1.generate_config_pb2 import GenerateConfig
from sq.v1.retrieve_config_pb2 import RetrieveConfig
from sq.v1.run_config_pb2 import RunConfig
from sq_stagekit.config import parse_config
from sq_stagekit.errors import InputError

MAPPING = {"id": "id", "title": "title"}
GENERATE = {"source_language": "en", "target_language": "en", "catalogue": {"uri": "c.csv"}}


def retrieve(url):
    return {"opensearch": {"url": url, "index": "i", "search_fields": ["t"]}, "fields": MAPPING}


@pytest.mark.parametrize(
    ("message", "fields", "at", "fix"),
    [
        (RetrieveConfig, retrieve("http://me:s3cret@h"), "opensearch.url", "credentials: {basic:"),
        (RetrieveConfig, retrieve("https://s3cret@h:9200/p"), "opensearch.url", "credentials: {basic:"),
        (
            EvaluateConfig,
            {"openai": {"endpoint": {"model": "m", "base_url": "http://me:s3cret@h/v1"}}},
            "openai.endpoint.base_url",
            "api_key: {env: NAME}",
        ),
        (EvaluateConfig, {"baseline": {}, "cache_uri": "s3://id:s3cret@bucket/x"}, "cache_uri", "AWS_ACCESS_KEY_ID"),
        (EvaluateConfig, {"baseline": {}, "cache_uri": "redis://:s3cret@h:6379/0"}, "cache_uri", "cache: {password:"),
        (GenerateConfig, {**GENERATE, "log": {"uri": ["a.csv", "gs://a:s3cret@b/"]}}, "log.uri[1]", "variables"),
        (
            GenerateConfig,
            {
                **GENERATE,
                "log": {"uri": ["a"]},
                "engine": "ENGINE_SPARK",
                "spark": {"master": "k8s://https://me:s3cret@h"},
            },
            "spark.master",
            "remove them",
        ),
        (
            RunConfig,
            {
                "name": "n",
                "workspace_uri": "runs",
                "markets": [
                    {
                        "market": "uk",
                        "generate": {**GENERATE, "log": {"uri": ["a"]}},
                        "retrieve": retrieve("http://me:s3cret@h"),
                        "evaluate": {"baseline": {}},
                    }
                ],
            },
            "markets[0].retrieve.opensearch.url",
            "credentials: {basic:",
        ),
    ],
)
def test_credentials_in_a_url_are_refused_with_the_setting_to_use(message, fields, at, fix):
    with pytest.raises(InputError) as error:
        parse_config(fields, message, "run.yaml")
    assert error.value.field == at
    assert fix in error.value.fix
    assert "s3cret" not in str(error.value)


@pytest.mark.parametrize("url", ["http://h", "http://h/a@b", "http://h:9200/?x=a@b"])
def test_other_urls_are_taken(url):
    assert parse_config(retrieve(url), RetrieveConfig, "run.yaml").opensearch.url == url
