"""Checks what a Python target can use: generated messages, wheels, and validation."""

from pathlib import Path

import protovalidate
import pytest

from sq.v1 import handoff_pb2

HANDOFF = handoff_pb2.Handoff(
    stage="retrieve",
    run_id="r1",
    market="de",
    uri="file:///tmp/a",
    digest="sha256:" + "0" * 64,
    message_type="sq.v1.Retrieval",
    records=1,
)


def test_round_trip() -> None:
    assert handoff_pb2.Handoff.FromString(HANDOFF.SerializeToString()) == HANDOFF


def test_valid_message_passes() -> None:
    protovalidate.validate(HANDOFF)


def test_invalid_message_is_refused_with_its_field() -> None:
    handoff = handoff_pb2.Handoff()
    handoff.CopyFrom(HANDOFF)
    handoff.digest = "md5:0"
    with pytest.raises(protovalidate.ValidationError) as refused:
        protovalidate.validate(handoff)
    assert [violation.proto.field.elements[0].field_name for violation in refused.value.violations] == ["digest"]


def test_data_lies_beside_the_test() -> None:
    assert (Path(__file__).parent / "testdata/greeting.txt").read_text() == "hello\n"
