"""Each run id of Airflow has a folder of its own."""

import itertools
import re

import pytest

from sq_airflow.run_folder import run_folder

IDS = [
    *("november", "2026-11-26_a.b", "r" * 100, "c-1"),
    *("c:1", "c+1", "c~1", "c 1", ".c-1", "-c-1", "tilde~run", "..", "~", "r" * 101, "r" * 250),
    *("manual__2026-11-01T00:00:00+00:00", "scheduled__2026-11-02T04:00:00+00:00", "äöü"),
]


@pytest.mark.parametrize("run_id", IDS[:4])
def test_an_id_that_a_folder_can_have_stays(run_id):
    assert run_folder(run_id) == run_id


@pytest.mark.parametrize("run_id", IDS)
def test_every_folder_is_a_run_id_that_stages_take(run_id):
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}", run_folder(run_id))


def test_no_two_ids_share_a_folder():
    for one, other in itertools.combinations([*IDS, *(run_folder(run_id) for run_id in IDS[4:])], 2):
        assert run_folder(one) != run_folder(other), (one, other)


def test_a_person_recognises_the_id():
    assert run_folder("scheduled__2026-11-02T04:00:00+00:00").startswith("scheduled__2026-11-02T04-00-00-00-00-")
