"""What `python -m sq_airflow.installed` finds where little is installed. The check on the cluster has all."""

import dataclasses
from importlib import metadata
from pathlib import Path

import pytest
import yaml

from sq_airflow.installed import TESTED, look
from sq_airflow.installed_cluster import RIGHTS
from sq_airflow.places import Places

_ACCOUNTS = Path(__file__).absolute().parents[2] / "deploy/manifests/accounts.yaml"


@pytest.fixture(scope="module")
def found() -> dict[str, str]:
    return {line.name: str(line) for line in look(Places.from_environment())}


def test_the_versions_are_those_of_this_test():
    assert {package: metadata.version(package) for package in TESTED} == TESTED


def test_the_rights_are_those_of_the_manifest():
    (role,) = (one for one in yaml.safe_load_all(_ACCOUNTS.read_text()) if one["kind"] == "Role")
    granted = {(resource, tuple(rule["verbs"])) for rule in role["rules"] for resource in rule["resources"]}
    assert granted == {("/".join(filter(None, (name, sub))), verbs) for name, sub, verbs in RIGHTS}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("apache-airflow-core", "ok "),
        ("local settings", "FAIL local settings: are not those of sq, so short deferred tasks may fail; copy "),
        ("workers.min_heartbeat_interval", "is 5, so short deferred tasks may fail; set it to 1"),
        ("files", "ok   files: "),
        ("connection sq_kubernetes", "ok   connection sq_kubernetes: of type kubernetes, for the cluster"),
        ("connection sq_smtp", "FAIL connection sq_smtp: cannot be read"),
        ("pool sq_llm", "FAIL pool sq_llm: Airflow's database cannot be read"),
        ("cluster of sq_kubernetes, namespace sq", "check the connection sq_kubernetes"),
    ],
)
def test_a_line(found, name, words):
    assert words in found[name]


def test_a_file_that_is_missing_is_named(tmp_path):
    places = dataclasses.replace(Places.from_environment(), run_config=tmp_path / "run.json")
    *_, last = look(places)
    assert str(last).startswith(f"FAIL files: {tmp_path}/run.json cannot be read: No such file or directory; ")
