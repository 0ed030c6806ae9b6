"""`sq plan` expects the hits that the judge then has."""

import pytest

from sq.v1.product_pb2 import Product
from sq.v1.query_pb2 import Query
from sq.v1.source_pb2 import OpenAiEndpoint
from sq_cli.money.requests import kept_in, left_in, requests_for
from sq_evaluate.judges.asked import Asked
from sq_evaluate.judges.graded import Graded
from sq_evaluate.judges.kept_pairs import KeptPairs
from sq_evaluate.judges.whole import Whole
from sq_handoff import Store
from sq_llm import Endpoint, Objects, PaidAnswers, place_at

PACKING = 10
RUBRIC = Whole()


@pytest.fixture
def endpoint(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "not sent")
    return Endpoint(OpenAiEndpoint(model="m", base_url="http://127.0.0.1:9/v1"), "endpoint")


@pytest.fixture
def answers(tmp_path):
    return PaidAnswers(place_at(str(tmp_path / "cache")), buyer="plan")


def asked(changed=()):
    products = tuple(Product(product_id=f"p{n}", title=f"Hat {n}" + (" XL" if n in changed else "")) for n in range(25))
    return [Asked(Query(query_id=f"q{n}", text=f"hat {n}", language="en"), products) for n in range(8)]


def judge(answers, endpoint, run):
    """Judges all pairs as a run does, and returns how many its model was asked about."""
    count = 0

    def ask(cases):
        nonlocal count
        for case in cases:
            count += len(case.products)
            yield [Graded(4, ())] * len(case.products)

    cases = asked()
    assert len(list(KeptPairs(answers, endpoint, RUBRIC, PACKING, run).each(cases, ask))) == len(cases)
    return count


def plan(answers, endpoint, of, packing=PACKING):
    kept, left = kept_in(answers, endpoint), left_in(answers, endpoint, RUBRIC, packing)
    made = requests_for(of, endpoint, RUBRIC, packing, kept, left, canary_share=0)
    assert made.hits + made.new == made.pairs == 200
    return made.calls, made.new


def test_nothing_is_kept_before_the_first_run(answers, endpoint):
    assert plan(answers, endpoint, asked()) == (24, 200)


def test_all_is_kept_after_it(answers, endpoint):
    assert judge(answers, endpoint, "monday") == 200
    assert plan(answers, endpoint, asked()) == (0, 0)
    assert judge(answers, endpoint, "tuesday") == 0


def test_changed_results_alone_are_asked_about(answers, endpoint):
    judge(answers, endpoint, "monday")
    assert plan(answers, endpoint, asked(changed=[3, 12])) == (8, 16)


def test_other_packings_are_other_questions(answers, endpoint):
    judge(answers, endpoint, "monday")
    assert plan(answers, endpoint, asked(), 5) == (40, 200)
    assert plan(answers, endpoint, asked(), 1) == (200, 200)


def test_object_storage_keeps_no_single_pairs(endpoint, tmp_path):
    objects = PaidAnswers(Objects(Store.at(str(tmp_path / "objects"))), buyer="plan")
    assert judge(objects, endpoint, "monday") == 200
    assert plan(objects, endpoint, asked()) == (24, 200)

    assert not (tmp_path / "objects").exists()
