"""The whole stage, from artefacts to artefact."""

import gzip
import json
import re

import pytest
from evaluate_market import Market, product, publish, query, query_set, ref, result, retrieval, verdicts

from sq.v1.product_pb2 import ProductRef
from sq.v1.retrieval_pb2 import RetrievalRecord

BASELINE = {"baseline": {}}
RED = product("red", "Red shirt", category="shirt", colour="red")
BLUE = product("blue", "Blue shirt", category="shirt", colour="blue")
PLAIN = product("plain", "Shirt", category="shirt")
SHOE = product("shoe", "Red shoe", category="shoe", colour="red")
RED_SHIRT = query("red shirt", "COLOUR=red", "CATEGORY=shirt", known=[RED, PLAIN])
SHOES = query("shoe", "CATEGORY=shoe")


def market(tmp_path, results, queries=(RED_SHIRT, SHOES), known=(RED, PLAIN)):
    return Market(tmp_path, query_set(queries, known), retrieval(results))


def test_every_pair_gives_one_record_in_the_order_of_query_rank_and_pool(tmp_path):
    given = market(tmp_path, [(SHOES, [RED, SHOE]), (RED_SHIRT, [BLUE, RED])])
    assert given.run(BASELINE) == 0
    assert verdicts(given.judging()) == [("red", 0), ("shoe", 4), ("blue", 2), ("red", 4), ("plain", 3)]
    judged = [record.judgment for record in given.judging() if record.HasField("judgment")]
    assert [judgment.pool_only for judgment in judged] == [False, False, False, False, True]


@pytest.mark.parametrize(
    ("config", "pairs"),
    [
        ({"depth": 1}, ["blue", "red", "plain"]),
        ({"depth": 1, "poolDepth": 0}, ["blue"]),
        ({"poolDepth": 1}, ["blue", "shoe", "red"]),
        ({"poolDepth": 0}, ["blue", "shoe", "red"]),
    ],
)
def test_depths(tmp_path, config, pairs):
    given = market(tmp_path, [(RED_SHIRT, [BLUE, SHOE, RED])])
    assert given.run({**BASELINE, **config}) == 0
    assert [product_id for product_id, _ in verdicts(given.judging())] == pairs
    pool_only = {record.judgment.product_id for record in given.judging() if record.judgment.pool_only}
    assert pool_only == {"plain"} & set(pairs)


def test_a_failed_and_an_empty_retrieval_still_have_their_pool_judged(tmp_path):
    other = query("blue shirt", "COLOUR=blue", "CATEGORY=shirt", known=[RED])
    given = market(tmp_path, [(RED_SHIRT, None), (other, [])], queries=[RED_SHIRT, other])
    assert given.run(BASELINE) == 0
    assert verdicts(given.judging()) == [("red", 4), ("plain", 3), ("red", 2)]


def test_a_product_without_a_record_is_a_failure(tmp_path):
    records = [
        RetrievalRecord(product=RED),
        result(SHOES, [ProductRef(product_id="x", content_hash="0" * 64), ref(RED)]),
    ]
    given = Market(tmp_path, query_set([SHOES]), records)
    assert given.run(BASELINE) == 0
    assert verdicts(given.judging()) == [("x", "PRODUCT_NOT_FOUND"), ("red", 0)]


def test_a_catalogue_gives_the_products_of_results_that_carry_ids_only(tmp_path):
    """As in `sq judge`: a list of pairs takes the place of a search's results."""
    catalogue = tmp_path / "products.ndjson.gz"
    lines = [{"id": "red", "title": "Red shirt", "category": "shirt"}, {"id": "bag", "title": "Bag", "category": "bag"}]
    catalogue.write_bytes(gzip.compress("\n".join(map(json.dumps, lines)).encode()))
    shirt = query("shirt", "CATEGORY=shirt")
    hits = [ProductRef(product_id=i, content_hash="0" * 64) for i in ("bag", "red", "gone")]
    given = Market(tmp_path, query_set([shirt]), [result(shirt, hits)])
    assert given.run({**BASELINE, "catalogue": {"uri": str(catalogue)}}) == 0
    assert verdicts(given.judging()) == [("bag", 0), ("red", 4), ("gone", "PRODUCT_NOT_FOUND")]


def test_a_shard_judges_the_queries_of_its_retrieval(tmp_path):
    whole = market(tmp_path / "whole", [(SHOES, [RED, SHOE]), (RED_SHIRT, [BLUE, RED])])
    shards = [
        market(tmp_path / "0", [(SHOES, [RED, SHOE])]),
        market(tmp_path / "1", [(RED_SHIRT, [BLUE, RED])]),
    ]
    assert whole.run(BASELINE) == 0
    assert [shard.run(BASELINE, shard=f"{index}/2") for index, shard in enumerate(shards)] == [0, 0]
    parts = [record for shard in shards for record in shard.judging()]
    assert verdicts(parts) == verdicts(whole.judging())


def test_several_retrieval_inputs_are_read_in_the_order_given(tmp_path):
    given = market(tmp_path, [(SHOES, [SHOE])])
    more = publish(tmp_path / "more", RetrievalRecord, retrieval([(RED_SHIRT, [RED])]))
    given.arguments += ["--input", f"retrieval={more}"]
    assert given.run({**BASELINE, "poolDepth": 0}) == 0
    assert verdicts(given.judging()) == [("shoe", 4), ("red", 4)]


def test_equal_inputs_give_equal_digests(tmp_path):
    given = market(tmp_path, [(SHOES, [RED, SHOE]), (RED_SHIRT, [BLUE, RED])])
    assert [given.run(BASELINE, output) for output in ("one", "two")] == [0, 0]
    assert given.judging("one").digest == given.judging("two").digest


@pytest.mark.parametrize(
    ("results", "message"),
    [
        ([(SHOES, [SHOE]), (SHOES, [SHOE])], "contains query .* twice"),
        ([(query("hat"), [SHOE])], "is not in the query set"),
    ],
)
def test_a_retrieval_that_does_not_fit_is_refused(tmp_path, capsys, results, message):
    given = market(tmp_path, results)
    assert given.run(BASELINE) == 2
    assert re.search(message, capsys.readouterr().err)
    assert not (given.folder / "judging" / "manifest.json").exists()


def test_a_catalogue_that_is_not_parquet_is_refused(tmp_path, capsys):
    broken = tmp_path / "products.parquet"
    broken.write_bytes(b"no parquet")
    given = market(tmp_path, [(SHOES, [SHOE])])
    assert given.run({**BASELINE, "catalogue": {"uri": str(broken)}}) == 2
    assert "products.parquet" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("config", "judged"),
    [
        ({}, [("red", 4), ("bag", 0)]),
        ({"poolDepth": 0}, [("red", 4)]),
    ],
)
def test_what_people_rated_and_the_engine_missed_belongs_to_the_pool(tmp_path, config, judged):
    catalogue, ratings = tmp_path / "products.ndjson", tmp_path / "ratings.csv"
    lines = [{"id": "red", "title": "Red shirt"}, {"id": "bag", "title": "Bag"}, {"id": "cap", "title": "Cap"}]
    catalogue.write_text("\n".join(map(json.dumps, lines)))
    ratings.write_text("query,docid,rating\nshirt,bag,0\nshirt,red,4\ncap,cap,4\n")
    shirt = query("shirt")
    given = Market(tmp_path, query_set([shirt]), [result(shirt, [ProductRef(product_id="red", content_hash="0" * 64)])])
    people = {"people": {"uri": str(ratings)}, "catalogue": {"uri": str(catalogue)}}
    assert given.run({**people, **config}) == 0
    assert verdicts(given.judging()) == judged
    pool_only = [record.judgment.product_id for record in given.judging() if record.judgment.pool_only]
    assert pool_only == [product_id for product_id, _ in judged[1:]]
