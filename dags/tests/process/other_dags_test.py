"""Runs the DAGs of maintenance and the example DAG by dag.test(), with real hooks, clients and servers.

Only the cluster is a stand-in.
"""

import http.server
import json
import os
import socket
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from airflow_process import DAYS, airflow, programs, run_dag, small_sample, stages_environment


class _Server(http.server.ThreadingHTTPServer):
    """Answers with a function's result, and records the requests."""

    def __init__(self, answer):
        asked = self.asked = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                asked.append((self.command, self.path, body.decode()))
                text = json.dumps(answer(self.command, self.path)).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_POST = do_DELETE = do_GET  # noqa: N815

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()


@pytest.fixture
def letters():
    """A mail server. Yields its port and the letters it received."""
    received = []

    class Handler:
        async def handle_DATA(self, _server, _session, envelope):  # noqa: N802
            received.append(envelope.content.decode())
            return "250 kept"

    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    controller = Controller(Handler(), hostname="127.0.0.1", port=port)
    controller.start()
    yield port, received
    controller.stop()


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """The environment of an Airflow that runs stages as processes on a small sample."""
    tmp_path = tmp_path_factory.mktemp("home")
    settings = {"runtime": "process", "storage_conn_id": "", "mail_to": ["search-team@example.com"]}
    (tmp_path / "settings.json").write_text(json.dumps(settings))
    (tmp_path / "config").mkdir()
    config = small_sample(tmp_path / "config", 12)
    environment = stages_environment(tmp_path / "runs", "http://127.0.0.1:9")
    return airflow(tmp_path, config, environment)


def _pod(name, hours, phase, code=None):
    """A pod whose stage ended hours ago, or is still running."""
    when = (datetime.now(UTC) - timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")
    ended = {"terminated": {"exitCode": code, "finishedAt": when}} if code is not None else {"running": {}}
    status = {"name": "base", "state": ended, "ready": False, "restartCount": 0, "image": "i", "imageID": "i"}
    return {
        "metadata": {"name": name, "namespace": "sq", "creationTimestamp": when},
        "status": {"phase": phase, "containerStatuses": [status]},
    }


@pytest.mark.parametrize(
    ("conf", "removed"),
    [
        ({}, ["failed-long-ago", "killed-long-ago"]),
        ({"hours": 0.5}, ["failed-long-ago", "failed-just-now", "killed-long-ago"]),
    ],
)
def test_maintenance_removes_old_failed_pods_alone(conf, removed, home, tmp_path):
    pods = [
        _pod("failed-long-ago", 30, "Failed", 2),
        _pod("failed-just-now", 1, "Failed", 2),
        _pod("killed-long-ago", 30, "Running", 137),
        _pod("still-at-work", 30, "Running"),
    ]
    server = _Server(lambda method, path: {"kind": "PodList", "apiVersion": "v1", "metadata": {}, "items": pods})
    cluster = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": {"server": f"http://127.0.0.1:{server.server_port}"}}],
        "users": [{"name": "u", "user": {}}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "x",
    }
    (tmp_path / "kubeconfig").write_text(json.dumps(cluster))
    extra = {"kube_config_path": str(tmp_path / "kubeconfig"), "namespace": "sq"}
    connection = {"conn_type": "kubernetes", "extra": extra}
    done = run_dag("sq_maintenance", home | {"AIRFLOW_CONN_SQ_KUBERNETES": json.dumps(connection)}, conf)
    server.shutdown()
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert [path.partition("?")[0] for method, path, _ in server.asked if method == "DELETE"] == [
        f"/api/v1/namespaces/sq/pods/{name}" for name in removed
    ]
    (listed,) = [path for method, path, _ in server.asked if method == "GET"]
    assert "labelSelector=app.kubernetes.io%2Fpart-of%3Dsq" in listed


# A run of search_quality that works, as Airflow's database has it.
_WORKS = """
from airflow.models.dagrun import DagRun
from airflow.utils.session import create_session
from airflow.utils.state import DagRunState
from airflow.utils.types import DagRunTriggeredByType, DagRunType
from datetime import UTC, datetime

with create_session() as session:
    run = DagRun(
        dag_id="search_quality",
        run_id="works",
        run_type=DagRunType.MANUAL,
        run_after=datetime(2026, 1, 1, tzinfo=UTC),
        state=DagRunState.RUNNING,
        triggered_by=DagRunTriggeredByType.TEST,
    )
    session.add(run)
"""


def test_retention_removes_old_runs_unless_they_work(home):
    runs = Path(home["SQ_WORKSPACE"])
    pins = json.dumps({"pipeline": {}, "run": {}, "settings": {}, "dag_id": "search_quality"})
    for name in ("ended", "works", "new"):
        (runs / name / "uk").mkdir(parents=True)
        (runs / name / "uk/part").write_text("{}")
        (runs / name / "pins.json").write_text(json.dumps(json.loads(pins) | {"run_id": name}))
        if name != "new":
            os.utime(runs / name / "pins.json", (0, 0))
    subprocess.run([sys.executable, "-c", _WORKS], check=True, env=home)

    done = run_dag("sq_retention", home, {"days": 1, "last": 1})
    assert json.loads(done.stdout.splitlines()[-1]) == {"old_runs": "success", "remove_runs": "skipped"}
    assert (runs / "ended/uk/part").exists()

    done = run_dag("sq_retention", home, {"days": 1, "last": 1, "dry_run": False})
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert not (runs / "ended").exists()
    assert (runs / "works/uk/part").exists()
    assert (runs / "new/uk/part").exists()


def test_the_example_goes_from_sensor_to_mail(home, letters, tmp_path):
    port, received = letters
    web = _Server(lambda method, path: {})
    smtp = {"conn_type": "smtp", "host": "127.0.0.1", "port": port}
    smtp["extra"] = {"disable_ssl": True, "disable_tls": True, "from_email": "search-quality@localhost"}
    (tmp_path / "programs").mkdir()
    environment = home | {
        "SQ_PROGRAMS": str(programs(tmp_path / "programs")),
        "AIRFLOW_CONN_SQ_FILES": json.dumps({"conn_type": "fs"}),
        "AIRFLOW_CONN_SQ_SMTP": json.dumps(smtp),
        "AIRFLOW_CONN_SQ_WEBHOOK": json.dumps({"conn_type": "http", "host": "127.0.0.1", "port": web.server_port}),
    }
    conf = {"query_budget": 1, "wait_for": str(tmp_path), **DAYS}
    done = run_dag("example_mixed_tasks", environment, conf)
    web.shutdown()
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    states = json.loads(done.stdout.splitlines()[-1])
    assert set(states) == {"log_is_there", "day", "generate", "count", "tell", "write"}
    assert set(states.values()) == {"success"}
    (manifest,) = Path(environment["SQ_WORKSPACE"]).rglob("manifest.json")
    counts = {item["kind"]: int(item["records"]) for item in json.loads(manifest.read_text())["content"]["counts"]}
    assert counts["segment"] == 1, "that of the one query that this run asked for"
    ((method, path, body),) = web.asked
    assert (method, path, json.loads(body)) == ("POST", "/", {"market": "uk", "segments": 1})
    (letter,) = received
    assert "Subject: 1 segments for uk" in letter
