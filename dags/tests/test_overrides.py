"""A run's own parameters, applied to the configuration."""

import pytest

from sq_airflow.overrides import Overrides

_JUDGES = {"large model": {"openai": {"endpoint": {"model": "large"}}}}


@pytest.mark.parametrize(
    ("field", "config", "params", "wanted"),
    [
        ("generate", {"segments": 5}, {}, {"segments": 5}),
        ("generate", {"segments": 5}, {"segments": 9}, {"segments": 9}),
        ("generate", {}, {"top_k": 9}, {}),
        ("retrieve", {"top_k": 25}, {"top_k": 9, "segments": 3}, {"top_k": 9}),
        ("evaluate", {"people": {"uri": "x"}}, {"judge": "as configured"}, {"people": {"uri": "x"}}),
        ("evaluate", {"people": {"uri": "x"}}, {"judge": "baseline"}, {"baseline": {}}),
        ("evaluate", {"baseline": {}}, {"judge": "large model"}, _JUDGES["large model"]),
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
