"""The pipeline over both shops: every planted failure is found in its class, and nothing where nothing is planted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sq_demo.judges import signed_judges
from sq_demo.search import search_service
from sq_sample.clicks import EXAMINATION, SEARCHES

ROOT = Path(__file__).absolute().parents[3]
SEARCHD = ROOT / "examples/searchd/sq-searchd"
MARKETS = ["uk", "de"]
FIRST = 10
SUGGESTIONS = [
    ("uk", "MECHANISM/inflection", "solr.KStemFilterFactory"),
    ("uk", "MECHANISM/vocabulary", "trainers, sneakers"),
    ("uk", "MECHANISM/modifier", "cheap"),
    ("uk", "MECHANISM/spelling", '"suggest"'),
    ("uk", "UNSEARCHED_FIELD/brand", "brand"),
    ("de", "MECHANISM/compound", "leder"),
    ("de", "MECHANISM/translation", "girls,mädchen"),
    ("de", "DATA_GAP/COLOUR=schwarz", "COLOUR"),
]


@pytest.fixture(scope="module", autouse=True)
def keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SQ_KEYS", str(tmp_path_factory.mktemp("keys")))
        yield


@dataclass(frozen=True)
class Run:
    """One finished run over a sample."""

    sample: Path
    output: Path

    def report(self, market: str) -> dict:
        return json.loads((self.output / market / "report/report.json").read_text(encoding="utf-8"))

    def planted(self, market: str) -> list[str]:
        """Planted classes, the one of most searches first."""
        entries = json.loads((self.sample / "planted.json").read_text(encoding="utf-8"))
        return [entry["class_id"] for entry in entries if entry["market"] == market]

    def claimed(self, market: str) -> list[str]:
        """Claimed classes by rank."""
        classes = self.report(market).get("failureClasses", [])
        return [entry["classId"] for entry in classes if entry.get("claimed")]


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run over the shop with everything planted, and what its British customers click."""
    return run_pipeline(
        ROOT / "examples/sample/market", tmp_path_factory.mktemp("broken"), config="sample-with-clicks.yaml"
    )


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run over the shop with nothing planted."""
    return run_pipeline(ROOT / "examples/sample/market_clean", tmp_path_factory.mktemp("clean"))


def run_pipeline(sample: Path, workspace: Path, config: str = "sample-trained.yaml") -> Run:
    """The run of the demo: with the judges that the build trained."""
    with search_service(SEARCHD, sample) as url:
        environment = os.environ | {
            "PYTHONPATH": os.pathsep.join(sys.path),
            "SQ_JUDGES": str(signed_judges(ROOT / "examples/demo/judges", workspace / "judges")),
            "SQ_SEARCH_URL": url,
            "SQ_WORKSPACE": str(workspace),
            "XDG_STATE_HOME": str(workspace / "state"),
        }
        command = [sys.executable, "-m", "sq_cli", "run", str(sample / config), "--run-id", "planted"]
        ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr[-4000:]
    return Run(sample, workspace / "planted")


@pytest.mark.parametrize("market", MARKETS)
def test_every_planted_failure_is_claimed_in_its_class(market: str, broken: Run) -> None:
    print_ranking(market, broken)
    assert set(broken.planted(market)) - set(broken.claimed(market)) == set()


@pytest.mark.parametrize("market", MARKETS)
def test_the_largest_failure_comes_first(market: str, broken: Run) -> None:
    assert broken.claimed(market)[0] == broken.planted(market)[0]


@pytest.mark.parametrize(("market", "class_id", "says"), SUGGESTIONS)
def test_a_planted_failure_comes_with_what_to_change(market: str, class_id: str, says: str, broken: Run) -> None:
    (found,) = [entry for entry in broken.report(market)["failureClasses"] if entry["classId"] == class_id]
    texts = [suggestion["text"] for suggestion in found["suggestions"]]
    assert any(says in text for text in texts), texts


@pytest.mark.parametrize("market", MARKETS)
def test_at_most_one_of_the_first_ten_is_false(market: str, broken: Run) -> None:
    false = [name for name in broken.claimed(market)[:FIRST] if name not in broken.planted(market)]
    assert len(false) <= 1, false


@pytest.mark.parametrize("market", MARKETS)
def test_nothing_is_claimed_where_nothing_is_planted(market: str, clean: Run) -> None:
    assert clean.claimed(market) == []


@pytest.mark.parametrize("market", MARKETS)
def test_the_clean_shop_searches_well(market: str, clean: Run) -> None:
    assert clean.report(market)["overall"]["ndcg"]["value"] > 0.97


def test_clicks_stand_beside_the_judgments_of_their_market(broken: Run) -> None:
    clicks = broken.report("uk")["clicks"]
    assert int(clicks["searches"]) == clicks["queries"] * SEARCHES
    assert [place["examination"] for place in clicks["positions"]] == pytest.approx(EXAMINATION, abs=0.06)
    rates = {grade["grade"]: grade["rate"]["value"] for grade in clicks["grades"]}
    assert rates[4] > 1.5 * rates[1], rates
    assert "clicks" not in broken.report("de")


def print_ranking(market: str, found: Run) -> None:
    planted = found.planted(market)
    for entry in found.report(market)["failureClasses"]:
        if entry.get("claimed") or entry["classId"] in planted:
            says = "planted" if entry["classId"] in planted else "false"
            print(
                f"{market} {entry['rank']:2} {says:7} {entry['classId']:45}"
                f" loss {entry['loss'].get('value', 0):.4f} queries {entry['queries']:3}"
            )
