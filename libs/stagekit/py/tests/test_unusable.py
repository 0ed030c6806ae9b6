import logging

import pytest

from sq.v1.source_pb2 import Alarm
from sq_stagekit.unusable import Unusable

_LOG = logging.getLogger("sq")


@pytest.mark.parametrize(
    ("alarm", "max_share", "usable", "unusable", "exceeds", "warnings"),
    [
        pytest.param(Alarm(), None, 0, 0, False, 0, id="nothing"),
        pytest.param(Alarm(), None, 60, 0, False, 0, id="all usable"),
        pytest.param(Alarm(), None, 0, 60, True, 2, id="all unusable"),
        pytest.param(Alarm(), None, 1, 59, False, 2, id="all but one"),
        pytest.param(Alarm(), None, 0, 3, True, 1, id="few units"),
        pytest.param(Alarm(), None, 40, 30, False, 0, id="below the warning"),
        pytest.param(Alarm(), 0.1, 40, 30, True, 0, id="more than allowed"),
        pytest.param(Alarm(), 0.5, 30, 30, False, 1, id="as many as allowed"),
        pytest.param(Alarm(), 1.0, 0, 60, False, 2, id="never"),
        pytest.param(Alarm(first_look=5, warn_share=0.1), None, 8, 2, False, 1, id="an alarm of its own"),
        pytest.param(Alarm(first_look=70), None, 0, 60, True, 1, id="an alarm that looks once"),
    ],
)
def test_rules(alarm, max_share, usable, unusable, exceeds, warnings, caplog):
    caplog.set_level(logging.WARNING, logger="sq")
    share = Unusable("pairs failed", alarm, max_share, _LOG)
    for _ in range(usable):
        share.add()
    for _ in range(unusable):
        share.add("INVALID")
    share.warn()
    assert [record.levelname for record in caplog.records] == ["WARNING"] * warnings
    assert share.exceeds is exceeds


def test_it_names_the_most_frequent_reasons():
    share = Unusable("pairs failed", Alarm(), None, _LOG)
    for reason in ["a", "b", "", "b", "c", "d", "c", "c"]:
        share.add(reason)
    assert str(share) == "7 of 8 pairs failed: c (3), b (2), a (1)"
