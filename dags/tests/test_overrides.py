"""A run's own parameters, applied to the configuration."""

import re
from pathlib import Path

import pytest

from sq_airflow.overrides import BESIDE_JUDGE, Overrides

_JUDGES = {"large model": {"openai": {"endpoint": {"model": "large"}}}}


@pytest.mark.parametrize(
    ("field", "config", "params", "wanted"),
    [
        ("generate", {"query_budget": 5}, {}, {"query_budget": 5}),
        ("generate", {"query_budget": 5}, {"query_budget": 9}, {"query_budget": 9}),
        ("generate", {}, {"top_k": 9}, {}),
        ("retrieve", {"top_k": 25}, {"top_k": 9, "query_budget": 3}, {"top_k": 9}),
        ("evaluate", {"people": {"uri": "x"}}, {"judge": "as configured"}, {"people": {"uri": "x"}}),
        ("evaluate", {"people": {"uri": "x"}}, {"judge": "baseline"}, {"baseline": {}}),
        ("evaluate", {"baseline": {}}, {"judge": "large model"}, _JUDGES["large model"]),
        ("evaluate", {"judge_to_come": {}, "depth": 9}, {"judge": "baseline"}, {"depth": 9, "baseline": {}}),
        ("evaluate", {"baseline": {}}, {"max_usd": 2.5}, {"baseline": {}, "budget": {"max_usd": 2.5}}),
        (
            "evaluate",
            {"budget": {"max_usd": 9}},
            {"max_calls": 3},
            {"budget": {"max_usd": 9, "max_calls": "3"}},
        ),
        ("evaluate", {"budget": {"max_usd": 9}}, {"max_usd": 0}, {"budget": {"max_usd": 0}}),
        ("report", {"k": 5}, {"top_k": 9, "judge": "baseline", "max_usd": 1}, {"k": 5}),
    ],
)
def test_applied(field, config, params, wanted):
    before = repr(config)
    overrides = Overrides.of(params | {"markets": ["uk"], "log_level": "INFO", "baseline_run": None})
    assert overrides.applied_to(field, config, _JUDGES) == wanted
    assert repr(config) == before


def test_another_judge_keeps_every_field_of_the_contract_that_is_not_a_judge():
    """The contract itself: Airflow has no code of it."""
    text = (Path(__file__).absolute().parents[2] / "proto/sq/v1/evaluate_config.proto").read_text(encoding="utf-8")
    (message,) = re.findall(r"^message EvaluateConfig \{\n(.*?)^\}", text, re.MULTILINE | re.DOTALL)
    fields = re.findall(r"^  (?:optional |repeated )?[\w.]+ (\w+) = \d+", message, re.MULTILINE)
    assert fields
    assert set(fields) == BESIDE_JUDGE, "list the fields outside the oneof in BESIDE_JUDGE (overrides.py)"
