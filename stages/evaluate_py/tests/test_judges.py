"""Every judge of the contract is registered and described, and nothing else is."""

from pathlib import Path

import pytest

from sq.v1.evaluate_config_pb2 import EvaluateConfig
from sq_evaluate import judges

NAMES = [field.name for field in EvaluateConfig.DESCRIPTOR.oneofs_by_name["judge"].fields]
README = Path("stages/evaluate_py/README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_a_judge_of_the_contract_is_registered_and_described(name):
    assert name in judges.JUDGES, f"add {name} to JUDGES in sq_evaluate/judges/__init__.py"
    assert f"\n### {name}\n" in README, f"describe {name} in stages/evaluate_py/README.md"
    assert any(name in path.name for path in Path(__file__).parent.glob("test_*.py")), f"add tests/test_{name}.py"


@pytest.mark.parametrize("name", judges.JUDGES)
def test_a_registered_judge_is_in_the_contract(name):
    assert name in NAMES, f"add {name} to the oneof judge of sq.v1.EvaluateConfig"


def test_a_judge_that_is_not_registered_is_an_error_with_its_name(monkeypatch):
    monkeypatch.delitem(judges.JUDGES, "baseline")

    class Work:
        config = EvaluateConfig(baseline={})

    with pytest.raises(NotImplementedError, match=r"EvaluateConfig\.baseline"):
        judges.make_judge(Work())
