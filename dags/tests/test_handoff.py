"""What counts as a handoff, and what is refused."""

import json

import pytest

from sq_airflow.handoff import MAX_BYTES, Expected, Handoff, HandoffError

_DIGEST = "sha256:" + "a" * 64
_GOOD = {
    "stage": "retrieve",
    "runId": "r-1",
    "market": "uk",
    "shard": "0/2",
    "uri": "s3://sq-runs/r-1/uk/retrieve/shard-0-of-2",
    "digest": _DIGEST,
    "messageType": "sq.v1.RetrievalRecord",
    "records": "41",
    "counts": [{"kind": "result", "records": "40"}, {"kind": "failure", "records": "1"}],
    "firstSegment": "BRAND=a",
    "lastSegment": "CATEGORY=z",
}


def test_a_good_one_is_read_whole():
    handoff = Handoff.parse(_GOOD)
    assert (handoff.records, handoff.counts) == (41, (("result", 40), ("failure", 1)))
    assert handoff.to_json() == _GOOD
    assert Handoff.parse(json.dumps(_GOOD)) == handoff


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"digest": "sha256:abc"}, "digest is 'sha256:abc'"),
        ({"digest": ""}, "digest is missing"),
        ({"uri": "http://x/y"}, "uri is 'http://x/y'"),
        ({"stage": ""}, "stage is missing"),
        ({"stage": 7}, "stage is 7, not a text"),
        ({"runId": ""}, "runId is missing"),
        ({"messageType": ""}, "messageType is missing"),
        ({"shard": "one of two"}, "shard is 'one of two'"),
        ({"records": "-1"}, "records is '-1', not a count"),
        ({"records": True}, "records is True, not a count"),
        ({"records": "many"}, "records is 'many', not a count"),
        ({"counts": {"result": 1}}, "counts is {'result': 1}, not a list"),
        ({"counts": [{"records": 1}]}, "not a kind and its records"),
        ({"pages": ["../report.html"]}, "not the name of a file"),
        ({"rows": [1, 2, 3]}, "rows is no field of it"),
        ({"firstSegment": "x" * MAX_BYTES}, f"over {MAX_BYTES}"),
    ],
)
def test_a_broken_one_is_refused(change, complaint):
    with pytest.raises(HandoffError) as error:
        Handoff.parse(_GOOD | change)
    assert complaint in str(error.value)


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        (None, "missing"),
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[]", "a list, not an object"),
        (7, "a int, not"),
    ],
)
def test_what_is_no_handoff_is_refused(value, complaint):
    with pytest.raises(HandoffError, match=complaint):
        Handoff.parse(value)


@pytest.mark.parametrize("field", ["stage", "run_id", "market", "shard", "uri", "message_type"])
def test_another_task_s_handoff_is_refused(field):
    handoff = Handoff.parse(_GOOD)
    wanted = {name: getattr(handoff, name) for name in Expected.__dataclass_fields__}
    Expected(**wanted).check(handoff)
    with pytest.raises(HandoffError, match=f"{field} is .* but this task's is 'another'"):
        Expected(**wanted | {field: "another"}).check(handoff)
