"""Which handoffs are accepted, and how the others are reported."""

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
    assert (handoff.records, [(item.kind, item.records) for item in handoff.counts]) == (
        41,
        [("result", 40), ("failure", 1)],
    )
    assert handoff.to_json() == _GOOD
    assert Handoff.parse(json.dumps(_GOOD)) == handoff


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"digest": "sha256:abc"}, "digest is 'sha256:abc'"),
        ({"digest": ""}, "digest is ''"),
        ({"uri": "http://x/y"}, "uri is 'http://x/y'"),
        ({"stage": ""}, "stage is ''"),
        ({"stage": 7}, "stage is 7: input should be a valid string"),
        ({"runId": ""}, "runId is ''"),
        ({"messageType": ""}, "messageType is ''"),
        ({"shard": "one of two"}, "shard is 'one of two'"),
        ({"records": "-1"}, "records is '-1': input should be a valid integer"),
        ({"records": -1}, "records is -1: input should be greater than or equal to 0"),
        ({"records": True}, "records is True: input should be a valid integer"),
        ({"records": "many"}, "records is 'many': input should be a valid integer"),
        ({"counts": {"result": 1}}, "counts is {'result': 1}: input should be a valid"),
        ({"counts": [{"records": 1}]}, "counts.0.kind is missing"),
        ({"pages": ["../report.html"]}, "pages.0 is '../report.html'"),
        ({"rows": [1, 2, 3]}, "rows is not a known field"),
        ({"firstSegment": "x" * MAX_BYTES}, f"more than the limit of {MAX_BYTES}"),
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
        ("", "invalid JSON"),
        ("{", "invalid JSON"),
        ("[]", "should be an object"),
        (7, "should be an object"),
    ],
)
def test_what_is_no_handoff_is_refused(value, complaint):
    with pytest.raises(HandoffError, match=complaint):
        Handoff.parse(value)


@pytest.mark.parametrize("field", ["stage", "runId", "uri", "digest", "messageType"])
def test_a_missing_field_is_refused(field):
    with pytest.raises(HandoffError, match=f"handoff: {field} is missing"):
        Handoff.parse({name: value for name, value in _GOOD.items() if name != field})


@pytest.mark.parametrize("field", ["stage", "run_id", "market", "shard", "uri", "message_type"])
def test_another_task_s_handoff_is_refused(field):
    handoff = Handoff.parse(_GOOD)
    wanted = {name: getattr(handoff, name) for name in Expected.__dataclass_fields__}
    Expected(**wanted).check(handoff)
    with pytest.raises(HandoffError, match=f"{field} is .* but this task expects 'another'"):
        Expected(**wanted | {field: "another"}).check(handoff)
