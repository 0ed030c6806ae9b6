"""`sq compare --gold`: judges that nothing is gated on, and judges that drift."""

import json
import sys
import tempfile
from pathlib import Path

import pytest
from judged_run import write_run

from sq_cli import __main__ as program

QUERIES = 20


@pytest.fixture
def compare(tmp_path, monkeypatch, capsys):
    """Compares a run with one whose judge gave these grades, beside a gold set of 4 for a and 0 for b."""
    gold = tmp_path / "gold.csv"
    gold.write_text("query,docid,rating\n" + "".join(f"hat {n},a,4\nhat {n},b,0\n" for n in range(QUERIES)))

    def run(first, second, *flags):
        folder = Path(tempfile.mkdtemp(dir=tmp_path))
        runs = [write_run(folder / name, QUERIES, grades) for name, grades in (("a", first), ("b", second))]
        words = ["sq", "compare", *map(str, runs), "--gold", str(gold), *flags]
        monkeypatch.setattr(sys, "argv", words)
        code = program.main()
        return code, capsys.readouterr()

    return run


def test_a_judge_that_agrees_passes(compare):
    code, said = compare((4, 0), (4, 0), "--min-kappa", "0.9", "--max-drift", "0.05", "--max-regression", "0", "--json")
    assert code == 0
    (found,) = json.loads(said.out)
    assert found["gold"]["pairs"] == 2 * QUERIES
    assert (found["gold"]["first"]["value"], found["gold"]["drift"]) == (1.0, 0.0)


def test_a_judge_that_agrees_less_than_before_has_drifted(compare):
    code, said = compare((4, 0), (4, 3), "--max-drift", "0.1")
    assert code == 3
    assert "has drifted" in said.err
    assert compare((4, 0), (4, 3), "--max-drift", "0.6")[0] == 0
    assert compare((4, 3), (4, 0), "--max-drift", "0")[0] == 0


@pytest.mark.parametrize("grades", [(0, 4), (4, 4)])
def test_nothing_is_gated_on_a_judge_below_the_floor(compare, grades):
    code, said = compare(grades, grades, "--min-kappa", "0.6", "--max-regression", "0")
    assert code == 4
    assert "Nothing is gated on" in said.err


def test_a_floor_needs_a_gold_set(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["sq", "compare", "a", "b", "--min-kappa", "0.6"])
    assert program.main() == 2
    assert "--min-kappa" in capsys.readouterr().err
