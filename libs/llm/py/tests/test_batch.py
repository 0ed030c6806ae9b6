"""Requests in batches: each answered once, whatever becomes of a batch."""

import pytest
from asking import model
from batching import BATCH, ask_all, bought, statuses

from sq_llm import Limits
from sq_llm_server import BatchFaults, Faults, LlmServer, Raw
from sq_stagekit import InputError, TryAgainError


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "k-secret")


def test_a_batch_gives_what_calls_give_at_the_reduced_price(tmp_path):
    with LlmServer() as server:
        plain, spent = ask_all(model(server, tmp_path / "plain"))
        assert len(server.calls) == 30
        batched, budget = ask_all(model(server, tmp_path / "batch", **BATCH))
        assert statuses(server) == {"completed": 3}
    assert batched == plain
    usage, reduced = spent.usage(), budget.usage()
    assert (reduced.calls, reduced.input_tokens) == (usage.calls, usage.input_tokens)
    assert reduced.reduced_tokens == reduced.input_tokens + reduced.output_tokens
    assert usage.reduced_tokens == 0


def test_answers_of_a_batch_serve_plain_calls_and_the_other_way_round(tmp_path):
    with LlmServer() as server:
        ask_all(model(server, tmp_path, **BATCH))
        assert set(bought(server).values()) == {1}
        again, budget = ask_all(model(server, tmp_path))
        assert None not in again
        assert len(server.calls) == 30
        # It is still billed as it was bought.
        assert budget.usage().reduced_tokens > 0
        ask_all(model(server, tmp_path, **BATCH))
        assert len(server.batches.all) == 3


@pytest.mark.parametrize("limit", [{"max_requests": 7}, {"max_bytes": 3000}])
def test_files_keep_the_limits(tmp_path, limit):
    most = {"max_requests": 7, "max_bytes": 50_000} | limit
    with LlmServer(batch_faults=BatchFaults(**most)) as server:
        given = {"mode": "CALL_MODE_BATCH", "batch": {"poll_seconds": 0.02, **limit}}
        if "max_bytes" in limit:
            server.batches.faults.max_bytes = 3000
            server.batches.faults.max_requests = 50_000
        answers, _ = ask_all(model(server, tmp_path, **given))
        assert statuses(server) == {"completed": len(server.batches.all)}
        assert len(server.batches.all) >= 5
    assert None not in answers


@pytest.mark.parametrize(
    "kind", ["expired", "failed", "bad_line", "failed_lines", "partial", "garbage_lines", "lost_output"]
)
def test_what_a_batch_leaves_out_is_in_the_next_one(tmp_path, kind):
    faults = BatchFaults({kind: 2}, seed=3)
    with LlmServer(batch_faults=faults) as server:
        expected, _ = ask_all(model(server, tmp_path / "plain"))
        server.calls.clear()
        answers, budget = ask_all(model(server, tmp_path / "batch", **BATCH))
        times = bought(server)
    if kind == "bad_line":
        # The service's word on a line is final, as that on a call is.
        failed = [n for n, answer in enumerate(answers) if answer.startswith("!")]
        assert failed
        assert all("invalid_request" in answers[n] for n in failed)
        assert [a for n, a in enumerate(answers) if n not in failed] == [
            a for n, a in enumerate(expected) if n not in failed
        ]
        return
    assert answers == expected
    assert len(times) == 30
    paid = sum(times.values())
    # What the service answered and lost is paid for.
    assert budget.usage().calls == paid
    assert (paid > 30) == (kind in ("partial", "garbage_lines", "lost_output"))


def test_a_request_that_no_batch_answers_is_given_up_after_its_retries(tmp_path):
    with LlmServer(batch_faults=BatchFaults({"expired": 1}, line_share=1.0)) as server:
        answers, budget = ask_all(model(server, tmp_path, max_retries=2, **BATCH), 5)
        assert len(server.batches.all) == 3
        assert server.calls == []
    assert all(answer.startswith("!(batch_expired)") for answer in answers)
    assert budget.usage().calls == 0


def test_a_batch_that_a_person_cancelled_is_not_submitted_again(tmp_path):
    with LlmServer(batch_faults=BatchFaults(seconds=1.5)) as server:
        asked = model(server, tmp_path, **BATCH)

        def cancel():
            for name in list(server.batches.all):
                server.batches.cancel(name)

        answers, _ = ask_all(asked, 5, check_stop=cancel)
        assert statuses(server) == {"cancelled": 1}
    assert all("cancelled" in answer for answer in answers)


@pytest.mark.parametrize("fault", ["500", "429", "hang_up"])
def test_calls_that_fail_submit_no_batch_twice(tmp_path, fault):
    server = LlmServer()
    server.batches.faults.calls = Faults(shares={fault: 0.4}, seed=5)
    with server:
        answers, _ = ask_all(model(server, tmp_path, **BATCH))
        assert set(bought(server).values()) == {1}
        assert len(server.batches.all) == 3
    assert None not in answers


def test_a_full_queue_waits_for_other_batches(tmp_path):
    # The first two batches are still open when the third is refused, also on a slow machine.
    with LlmServer(batch_faults=BatchFaults({"queue_full": 3}, seconds=2)) as server:
        answers, _ = ask_all(model(server, tmp_path, **BATCH))
        assert statuses(server)["failed"] >= 1
        assert set(bought(server).values()) == {1}
    assert None not in answers


@pytest.mark.parametrize(
    ("faults", "error", "says"),
    [
        (BatchFaults({"queue_full": 1}), TryAgainError, "batch.max_requests"),
        (BatchFaults(seconds=60), TryAgainError, "batch.max_wait_seconds"),
        (BatchFaults(calls=Faults({"401": 1})), InputError, "judge.api_key"),
    ],
)
def test_errors_name_the_setting(tmp_path, faults, error, says):
    given = {"mode": "CALL_MODE_BATCH", "batch": {"poll_seconds": 0.02, "max_wait_seconds": 0.1}}
    with LlmServer(batch_faults=faults) as server, pytest.raises(error, match=says):
        ask_all(model(server, tmp_path, **given))


def test_a_service_without_batches(tmp_path, monkeypatch):
    with LlmServer() as server:
        monkeypatch.setattr(server.batches, "create", lambda body: Raw({"error": {"message": "no"}}, 404))
        with pytest.raises(InputError, match=r"judge\.mode.*no Batch API"):
            ask_all(model(server, tmp_path, **BATCH))


def test_a_budget_binds_over_batches(tmp_path):
    """The first batch is as large as its worst case allows; later ones rely on what answers had."""
    with LlmServer() as server:
        _, whole = ask_all(model(server, tmp_path / "whole", **BATCH), 100)
        used = whole.usage()
        tokens = (used.input_tokens + used.output_tokens) * 6 // 10
        config = {"mode": "CALL_MODE_BATCH", "batch": {"poll_seconds": 0.02}, "max_output_tokens": 10}
        for attempt in range(2):
            answers, budget = ask_all(model(server, tmp_path / "part", **config), 100, limits=Limits(tokens=tokens))
            assert budget.usage().budget_ended
            asked = [answer is not None for answer in answers]
            assert asked == sorted(asked, reverse=True)
            assert 0.9 * tokens <= budget.spent.tokens <= tokens + 40, attempt


def test_lines_that_are_refused_alike_end_the_work_only_if_none_is_answered(tmp_path):
    def refuse(request):
        return Raw({"error": {"message": "strange", "code": "strange"}}, 400)

    with LlmServer(answer=refuse) as server:
        asked = model(server, tmp_path, **BATCH)
        answers, _ = ask_all(asked, 12)
    assert set(answers) == {"!status 400 (strange): strange"}
    with pytest.raises(InputError, match="strange"):
        asked.health.check()
