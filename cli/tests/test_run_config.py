from pathlib import Path

import pytest
import yaml

from sq_cli.run_config import read_run_config
from sq_cli.run_id import check_run_id
from sq_stagekit import InputError

BASE = """
name: sample
workspace_uri: runs
defaults:
  generate:
    source_language: en
    target_language: en
    log: {uri: [logs/, s3://lake/log.parquet]}
    catalogue: {uri: catalogue.ndjson}
  retrieve:
    opensearch: {url: "${SQ_TEST_URL}", index: all, search_fields: [title]}
    fields: {id: id, title: title}
  evaluate: {baseline: {}}
markets:
  - market: uk
  - market: de
    generate:
      targetLanguage: de
      translation: {glossary: {uri: ../glossary.csv}}
    retrieve: {opensearch: {index: de}}
    evaluate: {people: {uri: judged.csv}}
"""


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SQ_TEST_URL", "http://127.0.0.1:9200")

    def write(text: str) -> Path:
        path = tmp_path / "market.yaml"
        path.write_text(text)
        return path

    return write


def test_defaults_are_merged_and_a_markets_own_fields_win(write) -> None:
    uk, de = read_run_config(write(BASE)).markets
    assert (uk.generate.target_language, de.generate.target_language) == ("en", "de")
    assert (uk.retrieve.opensearch.index, de.retrieve.opensearch.index) == ("all", "de")
    assert list(de.retrieve.opensearch.search_fields) == ["title"]


def test_a_markets_choice_replaces_the_defaults_choice(write) -> None:
    uk, de = read_run_config(write(BASE)).markets
    assert (uk.evaluate.WhichOneof("judge"), de.evaluate.WhichOneof("judge")) == ("baseline", "people")


def test_probes_and_the_baseline_judge_share_the_markets_accessory_words(write) -> None:
    words = "words: {accessory_words: [saddle]}"
    uk, de = read_run_config(write(BASE.replace("  - market: uk", f"  - market: uk\n    {words}"))).markets
    assert list(uk.diagnose.words.accessory_words) == ["saddle"]
    assert list(uk.evaluate.baseline.accessory_words) == ["saddle"]
    assert not de.evaluate.HasField("baseline")


@pytest.mark.parametrize(
    ("stage", "field"),
    [
        ("evaluate: {openai: {endpoint: {model: m}}, budget: {max_usd: 1}}", "evaluate.budget.max_usd"),
        ("diagnose: {vocabulary: {endpoint: {model: m}, budget: {max_usd: 1}}}", "diagnose.vocabulary.budget.max_usd"),
    ],
)
def test_a_budget_in_dollars_needs_a_price_from_the_start(write, stage, field) -> None:
    with pytest.raises(InputError, match=f"market uk: {field}"):
        read_run_config(write(BASE.replace("  - market: uk", f"  - market: uk\n    {stage}")))


def test_relative_paths_resolve_against_the_files_folder(write, tmp_path: Path) -> None:
    config = read_run_config(write(BASE))
    uk, de = config.markets
    assert config.workspace_uri == str(tmp_path / "runs")
    assert list(uk.generate.log.uri) == [f"{tmp_path}/logs/", "s3://lake/log.parquet"]
    assert de.generate.translation.glossary.uri == str(tmp_path.parent / "glossary.csv")


@pytest.mark.parametrize(
    ("place", "read"), [("redis://h:6379/0", "redis://h:6379/0"), ("rediss://h/1", "rediss://h/1"), ("kept", "{}/kept")]
)
def test_answers_may_be_kept_in_a_redis(write, tmp_path: Path, place: str, read: str) -> None:
    config = read_run_config(write(BASE.replace("evaluate: {", f"evaluate: {{cache_uri: '{place}', ")))
    assert config.markets[0].evaluate.cache_uri == read.format(tmp_path)


def test_the_environment_is_filled_in(write) -> None:
    assert read_run_config(write(BASE)).markets[0].retrieve.opensearch.url == "http://127.0.0.1:9200"


BROKEN = {
    "unset variable": (BASE.replace("SQ_TEST_URL", "SQ_ABSENT"), "SQ_ABSENT"),
    "unknown field": (BASE.replace("name:", "nam:"), "nam"),
    "unknown field of a default": (BASE.replace("baseline", "basline"), "basline"),
    "two markets of one name": (BASE.replace("market: de", "market: uk"), "uk appears twice"),
    "name of a market": (BASE.replace("market: uk", "market: U/K"), "market"),
    "no markets": (BASE[: BASE.index("markets:")], "markets"),
    "scheme": (BASE.replace("s3://", "ftp://"), "scheme"),
    "no yaml": ("{", "YAML"),
    "a list": ("- a", "list"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_configuration_names_file_and_field(case: str, write) -> None:
    text, message = BROKEN[case]
    with pytest.raises(InputError, match=message):
        read_run_config(write(text))


def test_an_endpoint_of_another_kind_takes_the_place_of_the_defaults(write) -> None:
    text = BASE.replace(
        "    retrieve: {opensearch: {index: de}}\n",
        "    retrieve: {solr: {url: 'http://s', collection: de, parameters: [{name: fq, value: 'x:{{filter.x}}'}],"
        " filters: {x: '1'}}}\n",
    )
    uk, de = read_run_config(write(text)).markets
    assert (uk.retrieve.WhichOneof("endpoint"), de.retrieve.WhichOneof("endpoint")) == ("opensearch", "solr")
    assert (dict(de.retrieve.solr.filters), de.retrieve.fields.id) == ({"x": "1"}, "id")


@pytest.mark.parametrize(
    ("market", "message"),
    [
        ("uk-", "market"),
        ("-uk", "market"),
        ("UK", "market"),
        ("u" * 64, "market"),
    ],
)
def test_a_name_that_makes_no_label_or_folder_is_refused_at_once(write, market: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_run_config(write(BASE.replace("market: uk", f"market: {market}")))


@pytest.mark.parametrize("language", ["ja", "zh", "th"])
def test_a_language_without_spaces_is_refused_at_once(write, language: str) -> None:
    with pytest.raises(InputError, match="written without spaces"):
        read_run_config(write(BASE.replace("source_language: en", f"source_language: {language}")))


@pytest.mark.parametrize("run_id", ["", "-x", ".x", "_x", "a b", "a/b", "ä", "r" * 101])
def test_a_run_id_that_later_parts_refuse_is_refused_at_once(run_id: str) -> None:
    with pytest.raises(InputError, match="is not a valid run id; use at most 100 letters"):
        check_run_id(run_id)


@pytest.mark.parametrize("run_id", ["x", "2026-01-02_a.b", "r" * 100])
def test_other_run_ids_are_taken(run_id: str) -> None:
    check_run_id(run_id)


def test_every_place_that_is_none_is_named_at_once(write) -> None:
    text = BASE.replace("workspace_uri: runs", "workspace_uri: ftp://here/runs").replace("judged.csv", "http://there/x")
    with pytest.raises(InputError) as caught:
        read_run_config(write(text))
    assert "workspace_uri: ftp://here/runs: the scheme must be" in caught.value.problem
    assert "markets[1].evaluate.people.uri: http://there/x: the scheme" in caught.value.problem


MODEL = {"endpoint": {"model": "m", "price": {"input": 1}}}


def budgets(write, total: float, *markets: dict) -> list[list[float]]:
    """The max_usd of each market's judge and translation, in a run that may cost `total`."""
    stages = {**yaml.safe_load(BASE)["defaults"]}
    config = {"name": "s", "workspace_uri": "runs", "max_usd": total, "defaults": stages}
    config["markets"] = [{"market": f"m{place}", **market} for place, market in enumerate(markets)]
    read = read_run_config(write(yaml.safe_dump(config))).markets
    return [[one.evaluate.budget.max_usd, one.generate.translation.openai.budget.max_usd] for one in read]


def judged(**more) -> dict:
    return {"evaluate": {"openai": MODEL, **more}}


def test_the_budget_of_a_run_is_divided_over_its_models(write) -> None:
    translated = judged() | {"generate": {"translation": {"openai": MODEL}}}
    assert budgets(write, 17, judged(), translated) == [[8, 0], [8, 1]]
    assert budgets(write, 17, judged(budget={"max_usd": 2}), judged(), {}) == [[2, 0], [15, 0], [0, 0]]


@pytest.mark.parametrize(("total", "own"), [(1, 2), (2, 2)])
def test_a_budget_that_the_markets_exceed_is_refused(write, total, own) -> None:
    with pytest.raises(InputError, match=f"max_usd: is {total}, and the budgets of the markets alone add up to {own}"):
        budgets(write, total, judged(budget={"max_usd": own}), judged())


def test_a_budget_of_a_run_needs_prices(write) -> None:
    with pytest.raises(InputError, match=r"market m0: evaluate\.budget\.max_usd"):
        budgets(write, 1, {"evaluate": {"openai": {"endpoint": {"model": "m"}}}})


TRAINING = """
judge_training:
  model: s3://lake/models/judge
  labels: {uri: labels.csv, columns: {query: Query, docid: Product, rating: Grade}}
  catalogue: {uri: products.ndjson}
"""


def test_a_training_takes_its_queries_from_the_labels(write, tmp_path: Path) -> None:
    training = read_run_config(write(BASE + TRAINING)).judge_training
    assert training.labels.uri == training.queries.fixed.uri == str(tmp_path / "labels.csv")
    assert training.queries.fixed.columns.query == "Query"
    assert training.queries.catalogue.uri == training.catalogue.uri == str(tmp_path / "products.ndjson")
    assert (training.queries.source_language, training.queries.target_language) == ("en", "en")
    assert training.queries.known_matches == 0


def test_a_training_may_have_queries_of_its_own(write) -> None:
    queries = "  queries: {source_language: de, target_language: de, fixed: {text: [maus]}, catalogue: {uri: c.csv}}\n"
    training = read_run_config(write(BASE + TRAINING + queries)).judge_training
    assert list(training.queries.fixed.text) == ["maus"]
    assert not training.queries.fixed.uri


def test_the_model_to_train_has_no_version(write) -> None:
    with pytest.raises(InputError, match="judge_training.model"):
        read_run_config(write(BASE + TRAINING.replace("models/judge", "models/judge@v1")))


def test_defaults_that_are_no_mapping_are_refused(write):
    with pytest.raises(InputError, match="defaults: is no mapping"):
        read_run_config(write("name: a\nworkspace_uri: runs\ndefaults: x\nmarkets: [{market: uk}]\n"))
