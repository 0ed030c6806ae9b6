"""The production pointer: moved by one writer at a time, with history, and back again."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from small_module import write_module

from sq_handoff import Store
from sq_models import Registry, open_folder, parse_reference, promote, rollback, verified_copy
from sq_stagekit import InputError

FIELD = "model"


class Judge:
    def __init__(self, bucket, folder):
        self.uri = f"{bucket}/judge"
        for number in (1, 2, 3):
            with verified_copy(str(write_module(folder / str(number), number)), FIELD) as copy:
                self.registry().register(copy, f"v{number}")

    def reference(self, version=""):
        return parse_reference(f"{self.uri}@{version}" if version else self.uri, FIELD)

    def registry(self):
        return Registry(self.reference(), FIELD)

    def promote(self, version, reason=""):
        return promote(self.reference(version), reason, FIELD)

    def rollback(self, reason=""):
        return rollback(self.reference(), reason, FIELD)

    def production(self):
        with open_folder(f"{self.uri}@production", FIELD) as opened:
            return opened.pinned.uri.rpartition("@")[2]


@pytest.fixture
def judge(bucket, tmp_path):
    return Judge(bucket, tmp_path / "folders")


def test_nothing_is_in_production_at_first(judge):
    with pytest.raises(InputError, match="no version of .*judge is in production; promote one"):
        judge.production()


def test_production_is_what_was_promoted_last(judge):
    judge.promote("v1")
    assert judge.production() == "v1"
    judge.promote("v3")
    assert judge.production() == "v3"


def test_a_version_in_production_is_not_promoted_again(judge):
    assert judge.promote("v1") == judge.promote("v1")
    assert len(judge.registry().history()) == 1


def test_each_rollback_goes_back_one_more(judge):
    for version in ("v1", "v2", "v3"):
        judge.promote(version)
    assert [judge.rollback().promotion.version for _ in range(2)] == ["v2", "v1"]
    assert judge.production() == "v1"
    with pytest.raises(InputError, match="has no earlier version"):
        judge.rollback()


def test_a_rollback_goes_back_from_what_came_after_the_last_one(judge):
    judge.promote("v1")
    judge.promote("v2")
    judge.rollback()
    judge.promote("v3")
    assert judge.rollback().promotion.version == "v1"


def test_history_says_who_moved_what_and_why(judge):
    judge.promote("v1", "the first")
    judge.promote("v2", "kappa 0.84")
    judge.rollback("wrong on shoes")
    moves = [move.promotion for move in judge.registry().history()]
    assert [(move.version, move.reason, move.rollback) for move in moves] == [
        ("v1", "the first", False),
        ("v2", "kappa 0.84", False),
        ("v1", "wrong on shoes", True),
    ]
    assert all("@" in move.promoted_by and move.promote_time.seconds for move in moves)


def test_of_two_promotions_at_once_one_wins_and_the_other_says_so(judge, monkeypatch):
    judge.promote("v1")
    together, move = Barrier(2), Registry.move

    def at_once(registry, after, promotion):
        together.wait(timeout=60)
        return move(registry, after, promotion)

    monkeypatch.setattr(Registry, "move", at_once)

    def attempt(version):
        try:
            return judge.promote(version).promotion.version
        except InputError as error:
            return error

    with ThreadPoolExecutor(2) as threads:
        won, lost = sorted(threads.map(attempt, ["v2", "v3"]), key=lambda found: not isinstance(found, str))
    assert judge.production() == won
    assert isinstance(lost, InputError)
    assert f"moved production to {won} at the same time" in lost.problem
    assert len(judge.registry().history()) == 2


def test_a_put_that_was_repeated_because_its_answer_was_lost_is_one_promotion(judge, monkeypatch):
    put_once = Store.put_once
    monkeypatch.setattr(Store, "put_once", lambda store, *given: [put_once(store, *given) for _ in range(2)][1])
    assert judge.promote("v1").number == 1
    assert judge.production() == "v1"


def test_a_version_that_was_altered_is_not_promoted(judge):
    judge.promote("v1")
    Store.at(judge.uri).put("v2/weights.txt", b"7")
    with pytest.raises(InputError, match="it was altered after it was signed"):
        judge.promote("v2")
    assert judge.production() == "v1"


@pytest.mark.parametrize(("version", "problem"), [("v9", "is not registered"), ("production", "names no version")])
def test_what_cannot_be_promoted(judge, version, problem):
    with pytest.raises(InputError, match=problem):
        judge.promote(version)
