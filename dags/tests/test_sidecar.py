"""The sidecar accepts only the commands of the provider. A provider with other commands fails these tests."""

from pathlib import Path

from airflow.providers.cncf.kubernetes.utils.pod_manager import PodManager
from airflow.providers.cncf.kubernetes.utils.xcom_sidecar import PodDefaults

_SOURCE = (Path(__file__).absolute().parents[2] / "deploy/xcom_sidecar/main.go").read_text(encoding="utf-8")


def _command(name):
    """The value of a constant of the Go program."""
    (line,) = [line for line in _SOURCE.splitlines() if line.strip().startswith(f"{name} ")]
    return line.partition("`")[2].rpartition("`")[0]


class _Stream:
    """A stand-in for the connection to the sidecar. It records the commands."""

    def __init__(self, asked):
        self._asked = asked
        self._open = True

    def __call__(self, _method, *_names, command, **_options):
        self._asked.append(command)
        return self

    def run_forever(self): ...

    def close(self): ...

    def peek_stderr(self):
        return False

    peek_stdout = peek_stderr

    def read_all(self):
        return "{}"

    def write_stdin(self, line):
        self._asked.append(line)
        self._open = False

    def is_open(self):
        return self._open

    def update(self, timeout): ...


def _asked(monkeypatch, method):
    from types import SimpleNamespace

    asked = []
    monkeypatch.setattr("airflow.providers.cncf.kubernetes.utils.pod_manager.kubernetes_stream", _Stream(asked))
    manager = PodManager(SimpleNamespace(connect_get_namespaced_pod_exec=None))
    getattr(manager, method)(SimpleNamespace(metadata=SimpleNamespace(name="p", namespace="sq")))
    return asked


def test_wait():
    assert PodDefaults.SIDECAR_CONTAINER.command == ["sh", "-c", _command("waitCommand")]


def test_read(monkeypatch):
    assert _asked(monkeypatch, "extract_xcom_json") == [["/bin/sh", "-c", _command("readCommand")]]


def test_end(monkeypatch):
    assert _asked(monkeypatch, "extract_xcom_kill") == [["/bin/sh"], _command("endCommand") + "\n"]
