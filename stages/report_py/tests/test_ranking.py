"""The order of failure classes."""

import pytest

from sq.v1.report_pb2 import Estimate, FailureClass, FailureKind
from sq_report.ranking import rank
from sq_report.shared_list import shared_list


def test_an_unsearched_field_has_its_place_by_the_traffic_that_asks_by_it() -> None:
    failed = FailureClass(class_id="failed", loss=Estimate(value=0.1), claimed=True)
    kind = FailureKind.FAILURE_KIND_UNSEARCHED_FIELD
    often = FailureClass(class_id="often", kind=kind, traffic_share=0.2, claimed=True)
    seldom = FailureClass(class_id="seldom", kind=kind, traffic_share=0.01, claimed=True)
    assert [item.class_id for item in rank([seldom, failed, often])] == ["often", "failed", "seldom"]


def test_a_gain_that_the_judge_cannot_contradict_stands_behind_those_that_it_can() -> None:
    kind = FailureKind.FAILURE_KIND_MECHANISM
    shared = FailureClass(
        class_id="shared", kind=kind, loss=Estimate(value=0.2), claimed=True, not_measurable="one list"
    )
    small = FailureClass(class_id="small", kind=kind, loss=Estimate(value=0.01), claimed=True)
    unclaimed = FailureClass(class_id="unclaimed", kind=kind, loss=Estimate(value=0.3))
    assert [item.class_id for item in rank([unclaimed, shared, small])] == ["small", "shared", "unclaimed"]


@pytest.mark.parametrize(("judges", "said"), [(["baseline/1"], True), (["trained/1"], True), (["openai/gpt"], False)])
def test_only_a_judge_that_reads_the_probes_list_is_warned_of(judges: list[str], said: bool) -> None:
    assert bool(shared_list("accessories", judges)) == said
    assert shared_list("inflection", judges) == ""
