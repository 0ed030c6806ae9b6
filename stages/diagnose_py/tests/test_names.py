"""Names that a model gives for what queries mean, as probes of the stage."""

import json

import pytest
from diagnose_market import Diagnosed, query

from sq.v1.product_pb2 import Product
from sq.v1.query_pb2 import QuerySetRecord
from sq_diagnose.names import merged, read_names
from sq_handoff import ArtefactReader
from sq_llm_server import LlmServer
from sq_mechanisms import Asked, CatalogueWords, Market

ASKED = [Asked(query("black ink")), Asked(query("cans"))]


@pytest.fixture
def market():
    titles = "Black toner", "Wireless headphones", "Printer cartridge"
    return Market("en", CatalogueWords.of([Product(title=title) for title in titles], "en"))


def answer(*items: dict) -> str:
    return json.dumps({"names": list(items)})


class Namer:
    """A model that calls ink toner, and knows nothing else."""

    def __call__(self, request: dict) -> str:
        asked = json.loads(request["messages"][-1]["content"])["queries"]
        return answer(
            *({"id": one["id"], "words": "ink", "names": ["toner"]} for one in asked if "ink" in one["query"])
        )


@pytest.fixture
def model(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    with LlmServer(answer=Namer()) as server:
        yield server


def config(server: LlmServer, **more) -> dict:
    endpoint = {"model": "m", "base_url": server.url, "max_retries": 0}
    return {"mechanisms": ["vocabulary"], "vocabulary": {"endpoint": endpoint, **more}}


def test_a_models_name_is_tried_as_a_synonym(tmp_path, model):
    given = Diagnosed(tmp_path, [(query("black ink"), 2), (query("red shirt"), 2)])
    assert given.run(config(model)) == 0
    (probe,) = [one for one in given.probes() if one.probe.mechanism == "vocabulary"]
    assert (probe.text, probe.probe.item, probe.probe.change) == ("black toner", "ink", "ink → toner")


def test_the_model_is_not_asked_where_its_mechanism_is_not_tried(tmp_path, model):
    given = Diagnosed(tmp_path, [(query("black ink"), 2)])
    assert given.run({**config(model), "mechanisms": ["spelling"]}) == 0
    assert model.calls == []


def test_queries_beyond_the_budget_are_open_and_the_next_run_asks_for_them_alone(tmp_path, model):
    given = Diagnosed(tmp_path, [(query("black ink"), 2), (query("ink"), 2)])
    first = config(model, batch_size=1, budget={"max_calls": "1"})
    assert given.run(first) == 0
    assert unfinished(given) == {"NAMES_BUDGET": 1}
    assert given.run(config(model, batch_size=1, budget={"max_calls": "9"})) == 0
    assert unfinished(given) == {}
    assert len(model.calls) == 2
    assert {one.text for one in given.probes() if one.probe.mechanism == "vocabulary"} == {"black toner", "toner"}


def test_a_service_that_refuses_the_key_ends_the_stage(tmp_path, model, capsys):
    model.key = "another"
    given = Diagnosed(tmp_path, [(query("black ink"), 2)])
    assert given.run(config(model)) == 2
    assert "vocabulary.endpoint" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ({"id": 0, "words": "ink", "names": ["Toner"]}, [("ink", ["toner"])]),
        ({"id": 0, "words": "INK", "names": ["toner", "toner", "ink", "printer cartridge"]}, None),
        ({"id": 0, "words": "ink", "names": ["plasma"]}, []),
        ({"id": 0, "words": "ink black", "names": ["toner"]}, []),
        ({"id": 1, "words": "ink", "names": ["toner"]}, []),
        ({"id": 7, "words": "ink", "names": ["toner"]}, []),
        ({"id": True, "words": "ink", "names": ["toner"]}, []),
        ({"id": 0, "words": None, "names": ["toner"]}, []),
        ({"id": 0, "words": "ink", "names": "toner"}, []),
        ({"id": 0, "words": "ink", "names": [None, 3, ["toner"]]}, []),
    ],
)
def test_only_what_the_query_says_and_products_hold_is_taken(market, item, expected):
    expected = [("ink", ["toner", "printer cartridge"])] if expected is None else expected
    assert list(read_names(answer(item), ASKED, market)) == expected


def test_the_sites_synonyms_come_first():
    assert merged({"gpu": ["video card"]}, {"gpu": ["graphics card", "video card"], "ink": ["toner"]}) == {
        "gpu": ["video card", "graphics card"],
        "ink": ["toner"],
    }


def unfinished(given: Diagnosed) -> dict[str, int]:
    manifest = ArtefactReader.open(str(given.folder / "probes"), QuerySetRecord).manifest
    return {item.reason: item.records for item in manifest.provenance.unfinished}
