"""`sq doctor` and the search endpoint: what its answers tell."""

import pytest
from doctor_shop import BARE, EMPTY, answering, configuration, run_doctor, searchd

REFUSAL = '{"error": {"root_cause": [{"type": "parsing_exception", "reason": "unknown query [mtch]"}]}, "status": 400}'


@pytest.mark.parametrize(
    ("field", "says"),
    [
        ("titel", 'queries failed: REFUSED, HTTP 400: parsing_exception (multi_match: fields: "titel"'),
        ("material", "'red shirt' 0 hits, 'blue hat' 0 hits; check the fields"),
    ],
)
def test_a_wrong_search_field(tmp_path, field, says):
    with searchd(tmp_path) as url:
        config = configuration(tmp_path, url)
        config["markets"][0]["retrieve"]["opensearch"]["search_fields"] = [field]
        code, lines = run_doctor(tmp_path, config)
    assert code == 2
    assert lines["uk search"].startswith("FAIL") and says in lines["uk search"]


@pytest.mark.parametrize(
    ("status", "body", "mark", "says"),
    [
        (401, "", "FAIL", "HTTP 401"),
        (404, "", "FAIL", "opensearch.index"),
        (302, "", "FAIL", "HTTP 302"),
        (500, '{"detail": "no replica"}', "away", "HTTP 500 (no replica)"),
        (400, REFUSAL, "FAIL", "unknown query [mtch]"),
        (200, "<html>", "FAIL", "MALFORMED"),
        (200, EMPTY, "FAIL", "0 hits"),
        (200, BARE, "look", "no hit has brand (brand), colour"),
    ],
)
def test_the_answer_is_read(tmp_path, status, body, mark, says):
    with answering(status, body, "http://elsewhere.example.com/" if status == 302 else "") as url:
        code, lines = run_doctor(tmp_path, configuration(tmp_path, url))
    assert lines["uk search"].startswith(mark) and says in lines["uk search"]
    assert code == {"FAIL": 2, "away": 75}.get(mark, 0)


def test_one_refused_search_of_two_is_worth_a_look(tmp_path):
    """A run goes on with the others, and ends well."""
    with answering(200, BARE, refuse="blue hat", refusal=REFUSAL) as url:
        code, lines = run_doctor(tmp_path, configuration(tmp_path, url))
    assert lines["uk search"].startswith("look uk search: of 2 searches, ")
    assert "unknown query [mtch]" in lines["uk search"] and "'red shirt' 1 hits" in lines["uk search"]
    assert code == 0
