"""Two runs over one query set: what is told apart, and what is left out."""

from __future__ import annotations

import numpy as np
import pytest

from sq.v1.query_pb2 import Query
from sq_cli.compare.comparison import Comparison, compare
from sq_cli.compare.run_records import MarketRun
from sq_cli.compare.table import print_comparison


def run(results: dict[str, list[int | None]], **fields: object) -> MarketRun:
    """A run whose query "a1" of segment "a" found products with these grades; None is not judged."""
    made = MarketRun(**fields)
    for name, grades in results.items():
        made.queries[name] = Query(query_id=name, segment_id=name[0], traffic_share=1 / len(results))
        made.rankings[name] = [f"{name}-{grade}-{rank}" for rank, grade in enumerate(grades)]
        judged = {
            product: grade for product, grade in zip(made.rankings[name], grades, strict=True) if grade is not None
        }
        made.grades[name] = judged
    return made


def compared(first: dict, second: dict) -> Comparison:
    return compare("uk", run(first), run(second))


def test_a_better_run_is_told_from_chance() -> None:
    made = compared({f"a{n}": [0, 3] for n in range(12)}, {f"a{n}": [3, 0] for n in range(12)})
    assert (made.overall.better, made.overall.worse) == (12, 0)
    assert made.overall.change.value > 0
    assert made.overall.p < 0.01
    assert not made.regression(0)


def test_a_worse_run_is_a_regression_beyond_what_is_allowed() -> None:
    made = compared({f"a{n}": [3, 0] for n in range(12)}, {f"a{n}": [0, 3] for n in range(12)})
    lost = -made.overall.change.value
    assert made.regression(lost - 0.01)
    assert not made.regression(lost + 0.01)


def test_noise_is_no_regression() -> None:
    random = np.random.default_rng(3)
    orders = [[3, 0], [0, 3]]
    first = {f"a{n}": orders[random.integers(2)] for n in range(60)}
    second = {f"a{n}": orders[random.integers(2)] for n in range(60)}
    made = compared(first, second)
    assert made.overall.p > 0.05
    assert not made.regression(0)


def test_equal_results_give_equal_figures_whatever_else_each_run_judged() -> None:
    first, second = run({"a1": [3, 0]}), run({"a1": [3, 0]})
    first.grades["a1"]["only a probe of the first run found it"] = 4
    made = compare("uk", first, second)
    assert made.overall.before == made.overall.after < 1


def test_a_query_that_one_run_did_not_judge_is_left_out() -> None:
    made = compared({"a1": [3], "a2": [3, 3]}, {"a1": [3], "a2": [None, None]})
    assert made.overall.queries == 1
    assert made.shared == pytest.approx(0.5)


def test_a_query_with_nothing_relevant_is_left_out() -> None:
    assert compared({"a1": [0, 1]}, {"a1": [1, 0]}).overall.queries == 0


def test_a_failed_search_counts_as_nothing_found() -> None:
    second = run({"a1": []}, failed={"a1"})
    del second.rankings["a1"]
    made = compare("uk", run({"a1": [4]}), second)
    assert (made.overall.before, made.overall.after) == (1, 0)


def test_segments_and_classes_have_their_own_figures() -> None:
    first = run({"a1": [0, 3], "b1": [3]}, classes={"a1": "MECHANISM/inflection"})
    made = compare("uk", first, run({"a1": [3, 0], "b1": [3]}))
    assert [(part.name, part.better) for part in made.segments] == [("a", 1), ("b", 0)]
    assert [(part.name, part.queries) for part in made.classes] == [("MECHANISM/inflection", 1)]


def test_regressions_are_shown_by_class_and_segment_beside_gains(capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = [3, 0], [0, 3]
    first = run({"a1": bad, "a2": bad, "b1": good, "b2": good, "b3": good, "c1": good})
    second = run({"a1": good, "a2": good, "b1": bad, "b2": bad, "b3": bad, "c1": good})
    first.classes = {"a1": "MECHANISM/inflection", "a2": "MECHANISM/inflection"}
    second.classes = dict.fromkeys(("b1", "b2", "b3"), "MECHANISM/spelling")
    made = compare("uk", first, second)
    assert [(part.name, part.worse, part.better) for part in made.segments] == [("b", 3, 0), ("a", 0, 2), ("c", 0, 0)]
    assert [(part.name, part.worse) for part in made.classes_after] == [("MECHANISM/spelling", 3)]
    assert sum(part.contribution for part in made.segments) == pytest.approx(made.overall.change.value)
    print_comparison([made])
    said = capsys.readouterr().out
    first_class, _, rest = said.partition("Classes of the second run")
    second_class, _, segment = rest.partition("Segments")
    assert "MECHANISM/inflection" in first_class and "MECHANISM/spelling" in second_class
    rows = [line.split()[0] for line in segment.splitlines() if line.split()[:1] in (["a"], ["b"], ["c"])]
    assert rows == ["b", "a"]
    assert "1 did not change." in segment


def test_many_gains_hide_no_loss(capsys: pytest.CaptureFixture[str]) -> None:
    names = "bcdefghijklmnop"
    first = run({"a1": [3, 0, 0]} | {f"{name}1": [0, 0, 3] for name in names})
    second = run({"a1": [0, 3, 0]} | {f"{name}1": [3, 0, 0] for name in names})
    print_comparison([compare("uk", first, second)])
    said = capsys.readouterr().out
    assert sum(line.split()[:1] == ["a"] for line in said.splitlines()) == 1
    assert "5 smaller gains are not shown." in " ".join(said.split())


def test_queries_of_one_run_alone_are_counted() -> None:
    made = compared({"a1": [3], "a2": [3]}, {"a1": [3], "a3": [3]})
    assert (made.only_first, made.only_second) == (1, 1)
