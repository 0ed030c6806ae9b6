"""The runtime with an engine that starts a shell in place of a container."""

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from sq.v1.generate_config_pb2 import GenerateConfig
from sq.v1.report_config_pb2 import ReportConfig
from sq.v1.stage_contract_pb2 import Secret, StageContract
from sq_cli.container_runtime import ContainerRuntime, LoadedImage
from sq_cli.container_user import IMAGE_USER
from sq_cli.engines.container import Container, User
from sq_cli.images import Image
from sq_cli.plan import Task

HANDOFF = {
    "stage": "generate",
    "runId": "r1",
    "uri": "file:///x",
    "digest": "sha256:" + "0" * 64,
    "messageType": "sq.v1.QuerySetRecord",
}


class Shell:
    """Runs a script, as the calling user, without any container."""

    name = "shell"

    def __init__(self, script: str) -> None:
        self._script = script
        self.started: list[Container] = []
        self.removed: list[str] = []

    def is_available(self) -> bool:
        return True

    def load(self, image: Image) -> str:
        return image.name

    def command(self, container: Container, private: Path) -> list[str]:
        self.started.append(container)
        return ["/bin/sh", "-c", self._script, "sh", str(self.source("/handoff"))]

    def environment(self, container: Container) -> Mapping[str, str]:
        return os.environ | container.environment

    def remove(self, prefix: str) -> None:
        self.removed.append(prefix)

    def source(self, target: str) -> Path:
        (mount,) = [mount for mount in self.started[-1].mounts if mount.target == Path(target)]
        return mount.source


@pytest.fixture(autouse=True)
def given(monkeypatch) -> list[Path]:
    """Paths whose owner root would change. The owner stays: a sandbox does not have the image's user."""
    paths: list[Path] = []
    monkeypatch.setattr(os, "chown", lambda path, *_, **__: paths.append(path))
    return paths


@pytest.fixture
def task(tmp_path: Path) -> Task:
    (tmp_path / "log").mkdir()
    (tmp_path / "catalogue.csv").touch()
    config = GenerateConfig()
    config.log.uri.append(f"{tmp_path}/log/")
    config.catalogue.uri = f"{tmp_path}/catalogue.csv"
    config.gazetteer_uri = f"{tmp_path}/absent.csv"
    config.translation.cache_uri = f"{tmp_path}/answers"
    config.translation.openai.endpoint.api_key.env = "OUR_KEY"
    contract = StageContract(name="generate", image="sq-generate", entrypoint=["sq-generate"])
    contract.secrets.append(Secret(name="k", env="OPENAI_API_KEY"))
    key = ("uk", "generate", 0)
    return Task(key, contract, "uk", "", config, (), f"file://{tmp_path}/runs/r1/uk/generate", True)


def run(task: Task, engine: Shell, tmp_path: Path, passed: tuple[str, ...] = ()):
    image = LoadedImage(Image("sq-generate", "sha256:" + "2" * 64), "sq-generate")
    runtime = ContainerRuntime("r1", f"file://{tmp_path}/runs/r1", engine, {"sq-generate": image}, passed)
    events = []
    return runtime.run(task, [], 1, events.append), events


def test_what_the_configuration_names_is_mounted_where_it_is(task: Task, tmp_path: Path) -> None:
    engine = Shell("exit 1")
    run(task, engine, tmp_path)
    mounts = {str(mount.target): mount.read_only for mount in engine.started[0].mounts}
    assert mounts == {
        "/handoff": False,
        "/tmp": False,
        str(tmp_path / "answers"): False,
        str(tmp_path / "catalogue.csv"): True,
        str(tmp_path / "log"): True,
        str(tmp_path / "runs/r1"): False,
    }
    targets = [mount.target.parts for mount in engine.started[0].mounts]
    assert targets == sorted(targets)


def test_a_history_on_this_machine_is_mounted_to_be_written(task: Task, tmp_path: Path) -> None:
    engine = Shell("exit 1")
    run(replace(task, config=ReportConfig(history_uri=f"{tmp_path}/history")), engine, tmp_path)
    mounts = {str(mount.target): mount.read_only for mount in engine.started[0].mounts}
    assert mounts[f"{tmp_path}/history"] is False


def test_a_link_is_mounted_as_what_it_leads_to(task: Task, tmp_path: Path) -> None:
    (tmp_path / "real.csv").touch()
    (tmp_path / "catalogue.csv").unlink()
    (tmp_path / "catalogue.csv").symlink_to(tmp_path / "real.csv")
    engine = Shell("exit 1")
    run(task, engine, tmp_path)
    assert engine.source(f"{tmp_path}/catalogue.csv") == tmp_path / "real.csv"


def test_a_model_of_a_local_bucket_is_mounted_with_its_registry(task: Task, tmp_path: Path) -> None:
    (tmp_path / "bucket" / "judge").mkdir(parents=True)
    task.config.catalogue.uri = f"{tmp_path}/bucket/judge@production"
    engine = Shell("exit 1")
    run(task, engine, tmp_path)
    assert engine.source(f"{tmp_path}/bucket/judge") == tmp_path / "bucket" / "judge"


def test_variables_are_those_of_contract_and_configuration(task: Task, tmp_path: Path, monkeypatch) -> None:
    for name in ("OPENAI_API_KEY", "OUR_KEY", "MORE", "OTHER", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    engine = Shell("exit 1")
    run(task, engine, tmp_path, passed=("MORE",))
    given = engine.started[0].environment
    assert {"OPENAI_API_KEY", "OUR_KEY", "MORE"} <= set(given)
    assert not {"OTHER", "AWS_SECRET_ACCESS_KEY", "PATH"} & set(given)
    assert given["SQ_IMAGE_DIGEST"] == "sha256:" + "2" * 64


def test_a_store_gets_its_credentials(task: Task, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    task.config.catalogue.uri = "s3://lake/catalogue.csv"
    engine = Shell("exit 1")
    run(task, engine, tmp_path)
    assert "AWS_SECRET_ACCESS_KEY" in engine.started[0].environment


@pytest.mark.parametrize(("caller", "user"), [(0, IMAGE_USER), (1234, User(1234, 1235))])
def test_nothing_runs_as_root(
    task: Task, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: list[Path], caller: int, user: User
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: caller)
    monkeypatch.setattr(os, "getegid", lambda: caller + 1)
    engine = Shell("exit 1")
    run(task, engine, tmp_path)
    assert engine.started[0].user == user
    folders = {tmp_path / "runs/r1", tmp_path / "runs/r1/uk/generate"}
    assert folders <= set(given) if caller == 0 else not given


@pytest.mark.parametrize("code", [1, 2, 75, 137])
def test_exit_codes_pass_and_the_last_error_is_the_message(code: int, task: Task, tmp_path: Path) -> None:
    script = f"""echo '{{"level": "error", "message": "no such file"}}' >&2; exit {code}"""
    ending, _ = run(task, Shell(script), tmp_path)
    assert (ending.code, ending.message) == (code, "no such file")


def test_the_handoff_is_what_the_stage_wrote(task: Task, tmp_path: Path) -> None:
    ending, _ = run(task, Shell(f"printf %s '{json.dumps(HANDOFF)}' >$1/handoff.json"), tmp_path)
    assert (ending.code, ending.handoff.uri) == (0, "file:///x")


def test_a_stop_reaches_the_stage_and_what_follows_does_not_start(task: Task, tmp_path: Path) -> None:
    script = """
    trap 'kill $!; echo "{\\"level\\": \\"error\\", \\"message\\": \\"stopped\\"}" >&2; exit 75' TERM
    sleep 60 2>/dev/null &
    echo '{"level": "info", "message": "ready"}' >&2
    wait"""
    image = LoadedImage(Image("sq-generate", "sha256:" + "2" * 64), "sq-generate")
    runtime = ContainerRuntime("r1", f"file://{tmp_path}/runs/r1", Shell(script), {"sq-generate": image})
    ending = runtime.run(task, [], 1, lambda event: event["message"] == "ready" and runtime.stop())
    assert (ending.code, ending.message) == (75, "stopped")
    assert runtime.run(task, [], 1, lambda _: None).message == "stopped before it started"


def test_a_run_that_is_taken_up_again_removes_its_own_containers_alone(task: Task, tmp_path: Path) -> None:
    engine = Shell("exit 1")
    run(task, engine, tmp_path)
    (prefix,) = engine.removed
    assert engine.started[0].name.startswith(prefix)
    ContainerRuntime("r2", f"file://{tmp_path}/runs/r2", engine, {})
    assert engine.removed[1] != prefix
