"""Another attempt at work whose requests are in batches: what was submitted is collected, and not bought again."""

import pytest
from asking import model
from batching import BATCH, ask_all, bought

from sq_llm import Limits
from sq_llm_server import BatchFaults, Faults, LlmServer
from sq_stagekit import InputError
from sq_stagekit.errors import Stopped


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "k-secret")


def stop_when_submitted(server, folder, batches):
    def stop():
        ids = list(folder.rglob("batch.json"))
        if len(ids) == batches:
            raise Stopped

    with pytest.raises(Stopped, match="batch_1, batch_2, batch_3 go on at the service"):
        ask_all(model(server, folder, **BATCH), check_stop=stop)


def test_another_attempt_collects_what_was_submitted(tmp_path):
    with LlmServer(batch_faults=BatchFaults(seconds=1.5)) as server:
        stop_when_submitted(server, tmp_path, batches=3)
        answers, budget = ask_all(model(server, tmp_path, **BATCH))
        assert len(server.batches.all) == 3
        assert set(bought(server).values()) == {1}
    assert None not in answers
    assert budget.usage().calls == 30


def test_it_finds_a_batch_whose_id_was_not_stored(tmp_path, monkeypatch):
    monkeypatch.setattr("sq_llm.batch.service._SETTLE_SECONDS", 0.1)
    with LlmServer(batch_faults=BatchFaults(seconds=1.5)) as server:
        stop_when_submitted(server, tmp_path, batches=3)
        for path in tmp_path.rglob("batch.json"):
            path.unlink()
        ask_all(model(server, tmp_path, **BATCH))
        assert len(server.batches.all) == 3
        assert set(bought(server).values()) == {1}


def test_it_submits_what_an_earlier_one_only_wanted_to(tmp_path, monkeypatch):
    monkeypatch.setattr("sq_llm.batch.service._SETTLE_SECONDS", 0.1)
    server = LlmServer()
    server.batches.faults.calls = Faults({"400": 1})
    with server:
        with pytest.raises(InputError, match=r"judge\.mode"):
            ask_all(model(server, tmp_path, **BATCH))
        server.batches.faults.calls = Faults()
        answers, _ = ask_all(model(server, tmp_path, **BATCH))
    assert None not in answers
    assert len(list(tmp_path.rglob("ended.json"))) == len(list(tmp_path.rglob("lines.json")))


def test_work_of_another_buyer_leaves_the_batch_alone(tmp_path):
    with LlmServer(batch_faults=BatchFaults(seconds=1.5)) as server:
        stop_when_submitted(server, tmp_path, batches=3)
        ask_all(model(server, tmp_path, "another", **BATCH))
        assert len(server.batches.all) == 6


def test_it_follows_without_a_budget_what_was_paid_for(tmp_path):
    with LlmServer(batch_faults=BatchFaults(seconds=1.5)) as server:
        stop_when_submitted(server, tmp_path, batches=3)
        answers, budget = ask_all(model(server, tmp_path, **BATCH), limits=Limits(calls=5))
        assert len(server.batches.all) == 3
    assert None not in answers
    assert budget.usage().calls == 30
