"""`sq audit`: a finished run and a second judge in, what that judge would say of all queries out."""

import json
import sys

import pytest

from sq.v1.judgment_pb2 import JudgingRecord, Judgment
from sq.v1.manifest_pb2 import Provenance
from sq.v1.product_pb2 import Product, ProductRef
from sq.v1.query_pb2 import BAND_HEAD, Query, QuerySetRecord, Segment
from sq.v1.report_pb2 import MarketReport
from sq.v1.retrieval_pb2 import Hit, RetrievalRecord, SearchResult
from sq_cli import __main__ as program
from sq_handoff import ArtefactWriter
from sq_handoff.product import seal

QUERIES = 12
# By people, the first product of every second query is wrong.
PEOPLE = [4 * (n % 2) for n in range(QUERIES)]


@pytest.fixture
def run(tmp_path):
    """A run whose judge found the first product of each query perfect and the second irrelevant."""

    def write(node, message, records):
        writer = ArtefactWriter(str(tmp_path / "run/uk" / node), message)
        for record in records:
            writer.write(record)
        writer.publish(Provenance(stage=node))

    products = [seal(Product(product_id=name, title=f"Hat {name}")) for name in ("a", "b")]
    refs = [ProductRef(product_id=item.product_id, content_hash=item.content_hash) for item in products]
    made = [
        Query(
            query_id=f"q{n}", segment_id="s", text=f"hat {n}", source_text=f"hat {n}", language="en",
            source_language="en", band=BAND_HEAD, traffic_share=1 / QUERIES,
        )
        for n in range(QUERIES)
    ]  # fmt: skip
    hits = [Hit(rank=rank, product=ref) for rank, ref in enumerate(refs, 1)]
    write("generate", QuerySetRecord, [QuerySetRecord(segment=Segment(segment_id="s", queries=made))])
    results = [SearchResult(query_id=one.query_id, segment_id="s", hits=hits, total_hits=2) for one in made]
    write(
        "retrieve",
        RetrievalRecord,
        [*(RetrievalRecord(product=item) for item in products), *(RetrievalRecord(result=one) for one in results)],
    )
    judgments = [
        Judgment(
            query_id=one.query_id,
            product_id=ref.product_id,
            content_hash=ref.content_hash,
            grade=grade,
            judge="people/a",
        )
        for one in made
        for ref, grade in zip(refs, (4, 0), strict=True)
    ]
    write("evaluate", JudgingRecord, [JudgingRecord(judgment=one) for one in judgments])
    write("report", MarketReport, [MarketReport(market="uk", k=10, relevant_grade=3)])
    return tmp_path / "run"


@pytest.fixture
def people(tmp_path):
    def write(queries):
        rows = [f"hat {n},a,{PEOPLE[n]}\nhat {n},b,4\n" for n in queries]
        path = tmp_path / "people.csv"
        path.write_text("query,docid,rating\n" + "".join(rows))
        return f"{{people: {{uri: {path}}}}}"

    return write


def sq(monkeypatch, *words):
    monkeypatch.setattr(sys, "argv", ["sq", "audit", *map(str, words)])
    return program.main()


def test_an_audit_of_every_query_says_what_its_judge_says(run, people, monkeypatch, capsys):
    assert sq(monkeypatch, run, "--judge", people(range(QUERIES)), "--json") == 0
    (found,) = json.loads(capsys.readouterr().out)
    # The ideal puts b first; where a is wrong, b stands on rank 2.
    expected = (1 + 0.63093) / 2
    assert found["estimate"]["value"] == pytest.approx(expected, abs=1e-4)
    assert found["estimate"]["low"] == pytest.approx(expected, abs=1e-4)
    assert found["estimate"]["first"] == 1
    assert {row["probability"] for row in found["audited"]} == {1}


def test_a_part_of_the_queries_gives_an_interval(run, people, monkeypatch, capsys):
    assert sq(monkeypatch, run, "--judge", people(range(QUERIES)), "--queries", 6) == 0
    text = capsys.readouterr().out
    assert "12 judged queries, by traffic. 6 were audited" in text


def test_a_judge_that_leaves_queries_out_is_refused(run, people, monkeypatch, capsys):
    assert sq(monkeypatch, run, "--judge", people(range(3)), "--queries", 12) == 2
    assert "of 12 queries without a grade" in capsys.readouterr().err
