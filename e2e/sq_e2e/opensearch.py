"""`bazel run //e2e:opensearch`: the whole pipeline over a real catalogue in a real OpenSearch.

Needs the data of `places.shared_data`: the Chorus catalogue and its judgments by people, and a UBI log.
"""

from __future__ import annotations

import csv
import gzip
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import numpy as np
import yaml
from scipy.stats import kendalltau

from sq.v1.judgment_pb2 import JudgingRecord
from sq.v1.query_pb2 import QuerySetRecord
from sq.v1.report_pb2 import MarketReport
from sq_cli.programs import find_program
from sq_e2e import servers
from sq_e2e.checks import Checks
from sq_e2e.places import OPENSEARCH, shared_data, sq_command
from sq_handoff import ArtefactReader, fetch_manifest

_INDEX = "chorus"
_BATCH = 2000
_FIELDS = {
    "id": "id",
    "title": "title",
    "brand": "supplier",
    "category": "attr_t_product_type",
    "description": "short_description",
    "price": "price",
    "image": "img_500x500",
    "attribute_prefixes": ["attr_t_"],
}
_PEOPLE_SCALE = 3


@dataclass(frozen=True)
class Chorus:
    """The data, and where the checks write."""

    products: Path
    judgments: Path
    ubi: Path
    folder: Path

    @classmethod
    def at(cls, data: Path, folder: Path) -> Chorus:
        return cls(
            data / "chorus/products.ndjson.gz",
            data / "chorus/judgments.csv",
            data / "ubi/ubi_queries_events.ndjson.gz",
            folder,
        )

    def rows(self) -> list[dict[str, str]]:
        with self.judgments.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def queries(self) -> list[str]:
        return list(dict.fromkeys(row["query"] for row in self.rows()))

    def documents(self) -> Iterator[dict]:
        with gzip.open(self.products, "rt", encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line)


def sq(*arguments: str, environment: dict[str, str], expect: int = 0) -> str:
    """Runs `sq`; gives its stdout, or its stderr where another exit code than 0 is expected."""
    done = subprocess.run(
        [*sq_command(), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode != expect:
        raise RuntimeError(f"sq {arguments[0]} ended with {done.returncode}, not {expect}:\n{done.stderr[-3000:]}")
    return done.stderr if expect else done.stdout


def load(url: str, chorus: Chorus) -> int:
    """Indexes the catalogue; gives the number of documents OpenSearch says it holds."""
    mappings = {"dynamic": False, "properties": {name: {"type": "text"} for name in ("title", "supplier")}}
    mappings["properties"] |= {"short_description": {"type": "text"}, "attr_t_product_type": {"type": "text"}}
    body = {"settings": {"number_of_shards": 1, "number_of_replicas": 0}, "mappings": mappings}
    httpx.put(f"{url}/{_INDEX}", json=body).raise_for_status()
    batch: list[str] = []
    for document in chorus.documents():
        batch += [json.dumps({"index": {"_id": document["id"]}}), json.dumps(document)]
        if len(batch) >= 2 * _BATCH:
            _send(url, batch)
            batch = []
    if batch:
        _send(url, batch)
    httpx.post(f"{url}/{_INDEX}/_refresh", timeout=60).raise_for_status()
    return httpx.get(f"{url}/{_INDEX}/_count").json()["count"]


def _send(url: str, lines: list[str]) -> None:
    headers = {"Content-Type": "application/x-ndjson"}
    answer = httpx.post(f"{url}/{_INDEX}/_bulk", content="\n".join(lines) + "\n", headers=headers, timeout=120)
    answer.raise_for_status()
    if answer.json()["errors"]:
        raise RuntimeError("OpenSearch refused some of the documents")


def market(name: str, chorus: Chorus, url: str, evaluate: dict) -> dict:
    """Configuration of one market over the judged queries."""
    catalogue = {"uri": str(chorus.products), "fields": _FIELDS}
    return {
        "market": name,
        "generate": {
            "source_language": "en",
            "target_language": "en",
            "fixed": {"text": chorus.queries()},
            "catalogue": catalogue,
            "known_matches": 0,
        },
        "retrieve": {
            "opensearch": {
                "url": url,
                "index": _INDEX,
                "search_fields": ["title^3", "supplier^2", "attr_t_product_type^2", "short_description"],
            },
            "fields": _FIELDS,
        },
        "evaluate": {**evaluate, "catalogue": catalogue},
        "shards": 2,
    }


def people(path: Path) -> dict:
    return {"people": {"uri": str(path), "scale_max": _PEOPLE_SCALE}}


def write_qrels(chorus: Chorus, path: Path) -> Path:
    """The people's judgments as TREC qrels."""
    lines = [f"{row['query'].replace(' ', '_')} 0 {row['docid']} {row['rating']}\n" for row in chorus.rows()]
    path.write_text("".join(lines), encoding="utf-8")
    return path


def reports(run: Path) -> dict[str, MarketReport]:
    markets = [path.parent.name for path in run.glob("*/report")]
    return {name: next(iter(ArtefactReader.open(str(run / name / "report"), MarketReport))) for name in markets}


def quadratic_kappa(a: list[int], b: list[int], grades: int = 5) -> float:
    """Cohen's kappa with quadratic weights (Cohen 1968): 1 - sum(w observed) / sum(w expected)."""
    observed = np.zeros((grades, grades))
    np.add.at(observed, (a, b), 1)
    expected = np.outer(observed.sum(1), observed.sum(0)) / observed.sum()
    weights = np.subtract.outer(np.arange(grades), np.arange(grades)) ** 2
    return float(1 - (weights * observed).sum() / (weights * expected).sum())


def as_grade(rating: str) -> int:
    """0..3 onto 0..4, linearly, rounding half up: as evaluate imports it."""
    return int(4 * float(rating) / _PEOPLE_SCALE + 0.5)


def check_pipeline(checks: Checks, chorus: Chorus, url: str, environment: dict[str, str]) -> None:
    config = {
        "name": "Chorus",
        "workspace_uri": "runs",
        "markets": [
            market("baseline", chorus, url, {"baseline": {}}),
            market("people", chorus, url, people(chorus.judgments)),
            market("qrels", chorus, url, people(write_qrels(chorus, chorus.folder / "judged.qrels"))),
        ],
    }
    path = chorus.folder / "chorus.yaml"
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    run = chorus.folder / "runs/e2e"
    with checks.check("the pipeline runs over the judged queries with two judges"):
        sq("run", str(path), "--run-id", "e2e", environment=environment)
    with checks.check("every judged query was served"):
        for name, report in reports(run).items():
            accounting = report.accounting
            assert accounting.queries_chosen == accounting.results == len(chorus.queries()), f"{name}: {accounting}"
    with checks.check("sq show prints the report"):
        shown = json.loads(sq("show", "e2e", "--json", environment=environment))
        assert {m["market"] for m in shown["markets"]} == {"baseline", "people", "qrels"}
    with checks.check("qrels and CSV give equal grades"):
        assert grades(run / "people") == grades(run / "qrels")
    with checks.check("judgments by people against the baseline, over queries"):
        print_comparison(reports(run))


def grades(folder: Path) -> dict[tuple[str, str], int]:
    found = {}
    for shard in sorted((folder / "evaluate").iterdir()):
        for record in ArtefactReader.open(str(shard), JudgingRecord):
            if record.HasField("judgment"):
                found[record.judgment.query_id, record.judgment.product_id] = record.judgment.grade
    assert found, f"{folder} has no judgments"
    return found


def print_comparison(found: dict[str, MarketReport]) -> None:
    """The table of nDCG@10 by query, and Kendall's tau between the judges."""
    by_people = {query.text: query for query in found["people"].queries if query.judged > 0}
    by_baseline = {query.text: query for query in found["baseline"].queries}
    assert by_people, "no result was judged by people"
    print("     query                                     people  baseline  judged by people")
    for text, query in sorted(by_people.items()):
        print(f"     {text:40.40}  {query.ndcg:6.3f}  {by_baseline[text].ndcg:8.3f}  {query.judged:6.2f}")
    for measure in ("ndcg", "mean_judgment"):
        ours = [getattr(by_baseline[text], measure) for text in by_people]
        theirs = [getattr(query, measure) for query in by_people.values()]
        tau = kendalltau(ours, theirs).statistic
        print(f"     Kendall tau of {measure}@10 over {len(ours)} queries: {tau:.3f}")
        assert not np.isnan(tau)


def check_judge(checks: Checks, chorus: Chorus, environment: dict[str, str]) -> None:
    out = chorus.folder / "judged.csv"
    with checks.check("sq judge rates the file of people's judgments as it is"):
        arguments = ["--catalogue", str(chorus.products), "--pairs", str(chorus.judgments), "--out", str(out)]
        sq("judge", "--judge", "baseline", *arguments, environment=environment)
        with out.open(encoding="utf-8", newline="") as file:
            judged = list(csv.DictReader(file))
        assert [(r["query"], r["docid"]) for r in judged] == [(r["query"], r["docid"]) for r in chorus.rows()]
    with checks.check("quadratic kappa of baseline and people is better than chance"):
        pairs = [
            (int(a["judgment"]), as_grade(b["rating"]))
            for a, b in zip(judged, chorus.rows(), strict=True)
            if a["judgment"]
        ]
        kappa = quadratic_kappa([a for a, _ in pairs], [b for _, b in pairs])
        print(f"     quadratic kappa {kappa:.3f} over {len(pairs)} of {len(judged)} pairs")
        assert kappa > 0.2


def check_log(checks: Checks, chorus: Chorus, environment: dict[str, str]) -> None:
    with checks.check("generate reads the UBI log: every search is counted"):
        found = generate(chorus, {"uri": [str(chorus.ubi)], "format": "FILE_FORMAT_UBI"}, "ubi", environment)
        print(f"     {found.searches} searches, {found.junk_rows} junk rows, {found.segments_taken} segments")
        assert found.rows == found.searches + found.junk_rows == 473
        assert found.broken_rows == 0


def generate(chorus: Chorus, log: dict, name: str, environment: dict[str, str]):
    """Runs sq-generate alone over a log; gives its summary."""
    config = {
        "source_language": "en",
        "target_language": "en",
        "log": log,
        "catalogue": {"uri": str(chorus.products), "fields": _FIELDS},
    }
    output = chorus.folder / name
    command = [*find_program("sq-generate"), "--run-id=e2e", f"--config={json.dumps(config)}", f"--output={output}"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr[-3000:])
    return next(iter(ArtefactReader.open(str(output), QuerySetRecord))).summary


@dataclass(frozen=True)
class BadRun:
    """A run that must end with a code and a clear word."""

    name: str
    code: int
    said: str

    @property
    def run_id(self) -> str:
        return self.name.replace(" ", "-")

    def run(self, chorus: Chorus, environment: dict[str, str]) -> str:
        """What `sq run` said of it. Raises RuntimeError where it ended with another code."""
        spoiled = self._spoil(market("m", chorus, "http://127.0.0.1:9", {"baseline": {}}), chorus)
        path = chorus.folder / f"{self.run_id}.yaml"
        config = {"name": "Chorus", "workspace_uri": "runs", "markets": [spoiled]}
        path.write_text(yaml.safe_dump(config), encoding="utf-8")
        return sq("run", str(path), "--run-id", self.run_id, "--tries", "1", environment=environment, expect=self.code)

    def _spoil(self, given: dict, chorus: Chorus) -> dict:
        generate_ = {name: value for name, value in given["generate"].items() if name != "fixed"}
        match self.name:
            case "unreachable endpoint":
                return given | {"retrieve": given["retrieve"] | {"max_retries": 0, "query_timeout_seconds": 2}}
            case "unknown field":
                return given | {"retrieve": given["retrieve"] | {"top_n": 5}}
            case "unknown column":
                log = {"uri": [str(chorus.judgments)], "columns": {"query": "search_term"}}
                return given | {"generate": generate_ | {"log": log}}
            case "empty log":
                (chorus.folder / "empty.csv").write_text("query\n", encoding="utf-8")
                return given | {"generate": generate_ | {"log": {"uri": [str(chorus.folder / "empty.csv")]}}}
        raise ValueError(self.name)


BAD_RUNS = (
    BadRun("unreachable endpoint", 75, "retrieve"),
    BadRun("unknown field", 2, "top_n"),
    BadRun("unknown column", 2, "search_term"),
    BadRun("empty log", 2, "empty.csv"),
)


def check_bad_runs(checks: Checks, chorus: Chorus, ended: dict[BadRun, Future[str]]) -> None:
    for bad, saying in ended.items():
        with checks.check(f"{bad.name}: exit {bad.code}, and it says {bad.said}"):
            text = saying.result()
            assert bad.said in text, text[-800:]
            assert not list((chorus.folder / "runs" / bad.run_id).glob("m/report/manifest.json"))


def check_bad_files(checks: Checks, chorus: Chorus, environment: dict[str, str]) -> None:
    with checks.check("a broken log line is counted with its place"):
        log = chorus.folder / "broken.ndjson"
        log.write_text('{"user_query": "hdmi cable"}\n{"user_query": \n{"user_query": "laptop"}\n', encoding="utf-8")
        summary = generate(chorus, {"uri": [str(log)], "format": "FILE_FORMAT_UBI"}, "broken", environment)
        assert (summary.rows, summary.broken_rows) == (2, 1), summary
        assert "broken.ndjson:2" in summary.broken_examples[0]
    with checks.check("a flipped bit in an artefact: exit 2, and it says which part"):
        part = next((chorus.folder / "broken/parts").iterdir())
        data = bytearray(part.read_bytes())
        data[len(data) // 2] ^= 1
        part.write_bytes(data)
        assert part.name in sq("cat", str(chorus.folder / "broken"), environment=environment, expect=2)
    with checks.check("a wrong type of artefact: exit 2, and it says which types"):
        text = wrong_type(chorus, environment)
        assert "sq.v1.QuerySetRecord" in text and "sq.v1.RetrievalRecord" in text, text


def wrong_type(chorus: Chorus, environment: dict[str, str]) -> str:
    queries = chorus.folder / "ubi"
    fetch_manifest(str(queries))
    command = [*find_program("sq-ner-diff"), "--run-id=e2e", "--config={}", f"--input=queries={queries}"]
    done = subprocess.run(
        [*command, f"--input=retrieval={queries}", f"--output={chorus.folder}/wrong"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2, done.returncode
    return done.stderr


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="sq-opensearch-") as name:
        Path(name).chmod(0o755)  # OpenSearch runs as another user
        yield Path(name)


def main() -> int:
    checks = Checks()
    with ExitStack() as stack:
        folder = stack.enter_context(_folder())
        chorus = Chorus.at(shared_data(), folder)
        environment = os.environ | {"XDG_STATE_HOME": str(folder / "state"), "BUILD_WORKING_DIRECTORY": str(folder)}
        (folder / "server").mkdir(mode=0o755)
        # What cannot be reached is tried again for minutes: it waits beside the other checks.
        pool = stack.enter_context(ThreadPoolExecutor(1))
        ended = {bad: pool.submit(bad.run, chorus, environment) for bad in BAD_RUNS}
        with servers.opensearch(OPENSEARCH, folder / "server") as url:
            with checks.check("OpenSearch holds the catalogue"):
                count = load(url, chorus)
                assert count == sum(1 for _ in chorus.documents()) == 19406
            check_pipeline(checks, chorus, url, environment)
        check_judge(checks, chorus, environment)
        check_log(checks, chorus, environment)
        check_bad_files(checks, chorus, environment)
        check_bad_runs(checks, chorus, ended)
    return checks.close()


if __name__ == "__main__":
    sys.exit(main())
