"""The DAG with stages as processes makes the same artefacts as `sq run` with the same configuration and days."""

import json
import subprocess
from pathlib import Path

import pytest
from airflow_process import DAYS, PIPELINE, ROOT, SAMPLE, airflow, programs, run_dag, small_sample, stages_environment


@pytest.fixture(scope="module")
def search_url():
    """The sample shop's search service. It prints its address when it is ready."""
    program = ROOT / "examples/searchd/sq-searchd"
    command = [program, "--data", SAMPLE, "--listen", "127.0.0.1:0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        url = server.stdout.readline().strip()
        assert url, "the search service ended"
        yield url
        server.terminate()


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    """The sample's configuration, smaller, with one market in two shards."""
    return small_sample(tmp_path_factory.mktemp("config"), 28)


def _digests(workspace):
    """Digest of every artefact of the only run in a workspace, by its folder in the run."""
    (run,) = [folder for folder in workspace.iterdir() if folder.is_dir()]
    return {
        str(path.parent.relative_to(run)): json.loads(path.read_text())["digest"] for path in run.rglob("manifest.json")
    }


def _places(markets):
    """Where the wiring puts the artefacts of a run: market to its number of shards."""
    found = set()
    for node in json.loads(Path(PIPELINE).read_text())["pipeline"]["nodes"]:
        name = node["name"]
        if node["scope"] == "SCOPE_RUN":
            found.add(f"all-markets/{name}")
        for market, shards in markets.items() if node["scope"] == "SCOPE_MARKET" else ():
            cut = [f"/shard-{shard}-of-{shards}" for shard in range(shards)] if node.get("sharded") else [""]
            found |= {f"{market}/{name}{shard}" for shard in cut}
    return found


@pytest.fixture(scope="module")
def sq_run(tmp_path_factory, config, search_url):
    workspace = tmp_path_factory.mktemp("sq-run")
    command = [ROOT / "cli/sq", "run", config, "--jobs", "2", "--from", DAYS["from"], "--to", DAYS["to"]]
    subprocess.run(command, check=True, env=stages_environment(workspace, search_url))
    return _digests(workspace)


def test_same_artefacts(tmp_path, sq_run, config, search_url):
    workspace = tmp_path / "airflow-run"
    workspace.mkdir()
    (tmp_path / "settings.json").write_text('{"runtime": "process", "storage_conn_id": ""}')
    environment = airflow(tmp_path, config, stages_environment(workspace, search_url))
    (tmp_path / "programs").mkdir()
    environment |= {"SQ_PROGRAMS": str(programs(tmp_path / "programs"))}
    done = run_dag("search_quality", environment, {"log_level": "WARNING", **DAYS})
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert _digests(workspace) == sq_run
    assert set(sq_run) == _places({"uk": 2, "de": 1})


def test_a_run_of_some_markets_makes_a_page_of_those(tmp_path, config, search_url):
    """Markets that the run leaves out are skipped, not missing."""
    (tmp_path / "settings.json").write_text('{"runtime": "process", "storage_conn_id": ""}')
    environment = airflow(tmp_path, config, stages_environment(tmp_path / "runs", search_url))
    (tmp_path / "programs").mkdir()
    environment |= {"SQ_PROGRAMS": str(programs(tmp_path / "programs"))}
    done = run_dag("search_quality", environment, {"markets": ["de"], "query_budget": 4, **DAYS})
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert set(_digests(tmp_path / "runs")) == _places({"de": 1})
