"""Pictures of products: what a model is shown, and what is told where it is shown none."""

import json
from collections import Counter

import pytest
from evaluate_market import Market, product, query, query_set, retrieval, verdicts
from picture_judge import Server, judgments, problem_name, problem_of

from sq.v1.pictures_pb2 import Pictures
from sq_evaluate.judges.pictures.source import picture_tokens
from sq_handoff.product import seal
from sq_llm_server.replies import PICTURE_TOKENS, document_of

QUERIES = [query("red shirt"), query("blue hat")]
SHOP = "https://shop.example/p"


def pictured(name, uri, title="Red shirt"):
    made = product(name, f"{title} {name}")
    made.image_uri = uri
    return seal(made)


RESULTS = [pictured("a", f"{SHOP}/a.jpg"), pictured("b", ""), pictured("c", f"{SHOP}/c.png"), pictured("d", "c.svg")]


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "k")


@pytest.fixture
def server():
    with Server() as started:
        yield started


def market(folder, results=RESULTS):
    return Market(folder, query_set(QUERIES), retrieval([(asked, results) for asked in QUERIES]))


def config(server, pictures=None, judge=None, **more):
    endpoint = {"model": "m", "baseUrl": server.url, "maxRetries": 0}
    judge = {"endpoint": endpoint, "canaries": {"share": 0}, **(judge or {})}
    if pictures is not None:
        judge["pictures"] = pictures
    return {"openai": judge, "concurrency": 4, **more}


def usage(given, output="judging"):
    return given.judging(output).manifest.provenance.model_usage[0]


@pytest.mark.parametrize("rubric", ["RUBRIC_WHOLE", "RUBRIC_FACETS"])
def test_each_picture_stands_behind_the_number_of_its_product(tmp_path, server, rubric):
    given = market(tmp_path)
    assert given.run(config(server, {"detail": "low"}, {"rubric": rubric})) == 0
    assert len(server.asked) == 2
    for request in server.asked:
        instructions, message = request["messages"]
        text, *parts = message["content"]
        assert text["type"] == "text"
        numbers = {item["title"][-1]: item["n"] for item in json.loads(text["text"])["products"]}
        named, images = parts[::2], parts[1::2]
        shown = [(part["text"], image["image_url"]) for part, image in zip(named, images, strict=True)]
        expected = [("a", "a.jpg"), ("c", "c.png")]
        assert shown == [
            (f"Picture of product {n}:", {"url": f"{SHOP}/{file}", "detail": "low"})
            for n, file in sorted((numbers[name], file) for name, file in expected)
        ]
        assert "After the document come pictures" in instructions["content"]


def test_the_order_and_the_text_are_those_of_requests_without_pictures(tmp_path, server):
    given = market(tmp_path)
    assert given.run(config(server), "without") == 0
    assert given.run(config(server, {}), "with") == 0
    without, with_them = server.asked[:2], server.asked[2:]
    assert Counter(json.dumps(document_of(one)) for one in without) == Counter(
        json.dumps(document_of(one)) for one in with_them
    )
    assert all(isinstance(request["messages"][1]["content"], str) for request in without)
    assert not any(one.picture or one.without_picture for one in judgments(given, "without"))
    assert not any(record.HasField("trust") for record in given.judging("without"))


def test_each_judgment_tells_its_picture_or_why_it_has_none(tmp_path, server, capsys):
    given = market(tmp_path)
    assert given.run(config(server, {})) == 0
    made = judgments(given)
    assert [(one.product_id, len(one.picture), problem_of(one)) for one in made[:4]] == [
        ("a", 16, "UNSPECIFIED"),
        ("b", 0, "NONE"),
        ("c", 16, "UNSPECIFIED"),
        ("d", 0, "BAD_URL"),
    ]
    assert made[0].picture != made[2].picture
    (trust,) = [record.trust for record in given.judging() if record.HasField("trust")]
    assert trust.with_picture == 4
    assert [(problem_name(row.problem), row.judgments) for row in trust.without_picture] == [
        ("NONE", 2),
        ("BAD_URL", 2),
    ]
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    (told,) = [line for line in lines if "pictures of products could not be used" in line["message"]]
    assert (told["none"], told["bad_url"]) == (2, 2)


def test_without_any_picture_a_request_is_text(tmp_path, server):
    given = market(tmp_path, RESULTS[1:2])
    assert given.run(config(server, {})) == 0
    assert all(isinstance(request["messages"][1]["content"], str) for request in server.asked)


def test_another_picture_is_another_question_about_this_product_alone(tmp_path, server):
    cache = {"cacheUri": str(tmp_path / "cache")}
    before = market(tmp_path / "a")
    after = market(tmp_path / "b", [RESULTS[0], RESULTS[1], pictured("c", f"{SHOP}/other.png"), RESULTS[3]])
    for given, run_id in ((before, "monday"), (before, "tuesday"), (after, "wednesday")):
        given.arguments[1] = run_id
        assert given.run(config(server, {}, **cache), run_id) == 0
    assert [len(document_of(request)["products"]) for request in server.asked] == [4, 4, 1, 1]
    assert before.judging("monday").digest == before.judging("tuesday").digest
    changed = [
        one.product_id
        for one, other in zip(judgments(before, "monday"), judgments(after, "wednesday"), strict=True)
        if one.picture != other.picture
    ]
    assert changed == ["c", "c"]


@pytest.mark.parametrize(("change", "pairs"), [({"detail": "high"}, 4), (None, 8)])
def test_another_setting_is_another_question(tmp_path, server, change, pairs):
    given, cache = market(tmp_path), {"cacheUri": str(tmp_path / "cache")}
    assert given.run(config(server, {}, **cache), "monday") == 0
    given.arguments[1] = "tuesday"
    assert given.run(config(server, change, **cache), "tuesday") == 0
    assert sum(len(document_of(request)["products"]) for request in server.asked[2:]) == pairs


def test_the_judges_name_says_that_it_saw_pictures(tmp_path, server):
    given = market(tmp_path)
    names = []
    for output, pictures in (("without", None), ("with", {})):
        assert given.run(config(server, pictures), output) == 0
        names.append(judgments(given, output)[0].judge)
    assert names[0] != names[1]


def test_pictures_cost_what_is_configured_and_not_the_length_of_their_address(tmp_path, server):
    given = market(tmp_path)
    assert given.run(config(server), "without") == 0
    assert given.run(config(server, {}), "with") == 0
    # Two requests with two pictures each, and some words more.
    more = usage(given, "with").input_tokens - usage(given, "without").input_tokens
    assert 4 * PICTURE_TOKENS < more < 4 * PICTURE_TOKENS + 300
    small = config(server, {"tokens": 100_000}, budget={"maxTokens": 150_000}, cacheUri=str(tmp_path / "other"))
    assert given.run(small, "budget") == 2
    assert len(server.asked) == 4


def test_batches_have_pictures_too_and_inline_ones_are_refused(tmp_path, server, capsys):
    given = market(tmp_path)
    endpoint = {"model": "m", "baseUrl": server.url, "mode": "CALL_MODE_BATCH", "batch": {"pollSeconds": 0.05}}
    assert given.run(config(server, {}), "plain") == 0
    assert given.run(config(server, {}, {"endpoint": endpoint}), "batch") == 0
    assert given.judging("plain").digest == given.judging("batch").digest
    assert given.run(config(server, {"mode": "PICTURE_MODE_INLINE"}, {"endpoint": endpoint}), "inline") == 2
    assert "do not go with CALL_MODE_BATCH" in capsys.readouterr().err


def test_guidelines_and_canaries_go_with_pictures(tmp_path, server):
    given = market(tmp_path)
    assert given.run(config(server, {}, {"guideline": {}, "canaries": {"share": 1}})) == 0
    assert Counter(type(one) for _, one in verdicts(given.judging())) == {int: 8}
    canaries = [one for one in server.asked if len(document_of(one).get("products", ())) == 1]
    assert canaries
    for request in canaries:
        # The product with the instruction is shown as the one without.
        has_picture = document_of(request)["products"][0]["title"][-1] in "ac"
        assert isinstance(request["messages"][1]["content"], list) is has_picture


def test_what_a_picture_costs_if_nothing_is_configured():
    assert [picture_tokens(one) for one in (Pictures(), Pictures(detail="low"), Pictures(tokens=7))] == [1659, 85, 7]
