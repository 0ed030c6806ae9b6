"""Queries and answers in, probes out."""

import pytest
from diagnose_market import SHOP, Diagnosed, query

from sq.v1.product_pb2 import Product
from sq.v1.query_pb2 import PROBE_FORM_BLEND, PROBE_FORM_KNOWN_ITEM, PROBE_FORM_REPEAT
from sq_diagnose.known_items import known_items as make_known_items
from sq_mechanisms import CatalogueWords, Market

NO_REPEATS = {"repeatShare": 0}


def test_a_probe_names_its_query_its_mechanism_and_its_change(tmp_path):
    given = Diagnosed(tmp_path, [(query("black toners"), 0)])
    assert given.run({**NO_REPEATS, "mechanisms": ["inflection"]}) == 0
    (made,) = given.probes()
    assert made.text == "black toner"
    assert (made.probe.probe_of, made.probe.mechanism, made.probe.item) == (
        "q-black toners",
        "inflection",
        "toners → toner",
    )
    assert made.probe.form == PROBE_FORM_BLEND
    assert made.segment_id == "S"


def test_the_set_says_that_it_holds_probes(tmp_path):
    given = Diagnosed(tmp_path, [(query("black toners"), 0)])
    assert given.run(NO_REPEATS) == 0
    summary = next(iter(given.artefact())).summary
    assert summary.probes
    assert summary.queries == len(given.probes())


def test_equal_inputs_give_equal_digests(tmp_path):
    given = Diagnosed(tmp_path, [(query("black toners"), 0), (query("wirless headphone"), 0)])
    assert [given.run(output=output) for output in ("one", "two")] == [0, 0]
    assert given.artefact("one").digest == given.artefact("two").digest


def test_the_budget_goes_to_the_queries_of_most_traffic(tmp_path):
    rare, frequent = query("toners", 0.1), query("sleeves", 0.5)
    given = Diagnosed(tmp_path, [(rare, 5), (frequent, 5)])
    assert given.run({**NO_REPEATS, "mechanisms": ["inflection"], "searchesPerQuery": 0.5}) == 0
    assert [probe.probe.probe_of for probe in given.probes()] == [frequent.query_id]


def test_a_mechanism_of_few_queries_is_not_crowded_out(tmp_path):
    many = [(query(f"sleeves {n}", 0.5), 5) for n in range(5)]
    given = Diagnosed(tmp_path, [*many, (query("wirless headphones", 0.1), 0)])
    assert given.run({**NO_REPEATS, "mechanisms": ["inflection", "spelling"], "searchesPerQuery": 0.4}) == 0
    assert sorted(probe.probe.mechanism for probe in given.probes()) == ["inflection", "spelling"]


def test_known_items_and_repeats_are_within_the_budget(tmp_path):
    given = Diagnosed(tmp_path, [(query(f"toners {n}", 0.01), 5) for n in range(40)])
    assert given.run({"mechanisms": ["inflection"], "searchesPerQuery": 0.5, "knownItems": 2, "repeatShare": 0.1}) == 0
    others = [probe for probe in given.probes() if probe.probe.mechanism != "inflection"]
    assert others
    assert len(given.probes()) == 20


def test_mechanisms_have_at_least_half_of_the_budget(tmp_path):
    given = Diagnosed(tmp_path, [(query(f"toners {n}", 0.01), 5) for n in range(10)])
    assert given.run({"mechanisms": ["inflection"], "searchesPerQuery": 1, "repeatShare": 1}) == 0
    assert sum(probe.probe.mechanism == "inflection" for probe in given.probes()) == 5


@pytest.mark.parametrize(("total", "probed"), [(0, True), (2, True), (3, False)])
def test_a_rescue_is_tried_where_there_are_few_hits(tmp_path, total, probed):
    given = Diagnosed(tmp_path, [(query("wirless headphones"), total)])
    assert given.run({**NO_REPEATS, "mechanisms": ["spelling"]}) == 0
    assert bool(given.probes()) == probed


def test_a_share_of_the_queries_is_asked_again(tmp_path):
    given = Diagnosed(tmp_path, [(query(f"thing {n}"), 5) for n in range(400)])
    assert given.run({"mechanisms": ["spelling"], "repeatShare": 0.1}) == 0
    again = given.probes()
    assert {probe.probe.form for probe in again} == {PROBE_FORM_REPEAT}
    assert 20 <= len(again) <= 60
    assert all(f"q-{probe.text}" == probe.probe.probe_of for probe in again)


def known_items(given: Diagnosed) -> list:
    assert given.run({**NO_REPEATS, "mechanisms": ["spelling"], "knownItems": 2}) == 0
    return [probe for probe in given.probes() if probe.probe.form == PROBE_FORM_KNOWN_ITEM]


def test_known_products_are_searched_by_the_words_of_fields_that_queries_use(tmp_path):
    known = known_items(Diagnosed(tmp_path, [(query(f"zebra{n}"), 0) for n in range(4)]))
    assert {probe.probe.item for probe in known} == {"title", "note"}
    for probe in known:
        number = probe.probe.expected_product_id.rpartition(" ")[2]
        assert probe.probe.item == "title" or set(probe.text.split()) == {f"zebra{number}", f"quokka{number}"}


def test_a_catalogue_that_repeats_its_products_makes_the_same_probes(tmp_path):
    asked = [(query(f"zebra{n}"), 0) for n in range(4)]
    (tmp_path / "once").mkdir()
    (tmp_path / "twice").mkdir()
    once, twice = Diagnosed(tmp_path / "once", asked), Diagnosed(tmp_path / "twice", asked, [*SHOP, *SHOP])
    assert known_items(once) == known_items(twice)
    assert once.artefact().manifest.digest == twice.artefact().manifest.digest


def test_a_field_that_no_query_searches_by_is_left_alone(tmp_path):
    known = known_items(Diagnosed(tmp_path, [(query("toner"), 5), (query("acme"), 5)]))
    assert {probe.probe.item for probe in known} <= {"title", "brand"}


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"mechanisms": ["magic"]}, "there is no 'magic'"),
        ({"words": {"synonymsUri": "/nowhere/synonyms.txt"}}, "words.synonyms_uri"),
        ({"searchesPerQuery": -1}, "searches_per_query"),
    ],
)
def test_bad_configuration_is_named(tmp_path, capsys, config, said):
    given = Diagnosed(tmp_path, [(query("toners"), 0)])
    assert given.run(config) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "probes" / "manifest.json").exists()


def test_a_missing_catalogue_is_named(tmp_path, capsys):
    given = Diagnosed(tmp_path, [(query("toners"), 0)])
    assert given.run(catalogue=False) == 2
    assert "catalogue" in capsys.readouterr().err


def test_a_known_product_says_how_much_traffic_searches_by_its_field(tmp_path):
    known = known_items(Diagnosed(tmp_path, [(query(f"zebra{n}"), 0) for n in range(4)] + [(query("toner"), 5)]))
    shares = {probe.probe.item: probe.traffic_share for probe in known}
    assert shares["note"] == pytest.approx(0.4)


def test_known_products_are_found_in_one_reading_of_the_catalogue():
    read = []
    products = [Product(product_id=str(n), title=f"toner a{n}", brand="acme") for n in range(50)]
    market = Market("en", CatalogueWords.of(products, "en"))
    once = (read.append(product.product_id) or product for product in products)
    assert make_known_items(once, [], market, 2, 0)
    assert len(read) == 50
