"""What //deploy:site renders for the Airflow that a site has."""

import json
import sys

import pytest
import render_site
import yaml

FILES = {"--run": '{"name": "shop"}', "--lock": '{"images": {}}', "--settings": '{"schedule": "0 4 * * 1"}'}


def rendered(monkeypatch, tmp_path, *more, **changed):
    flags = ["--repository", "https://git.example.com/sq", "--ref", "v1.4.0", "--out", str(tmp_path / "site"), *more]
    pipeline = tmp_path / "pipeline.json"
    pipeline.write_text("{}")
    for name in render_site.WIRINGS:
        pipeline.with_name(name).write_text("{}")
    for name, text in (FILES | changed).items():
        path = tmp_path / f"{name.strip('-')}.json"
        if text is not None:
            path.write_text(text)
        flags += [name, str(path)]
    monkeypatch.setattr(sys, "argv", ["site", *flags, "--pipeline", str(pipeline)])
    return render_site.main()


def read(tmp_path, name):
    return yaml.safe_load((tmp_path / "site" / name).read_text())


def test_the_four_files_are_where_the_variables_say(monkeypatch, tmp_path):
    assert rendered(monkeypatch, tmp_path) == 0
    values, files = read(tmp_path, "values.yaml"), read(tmp_path, "files.yaml")
    folder = values["volumeMounts"][0]["mountPath"]
    named = {one["name"]: one["value"] for one in values["env"]}
    beside = {path.removeprefix(f"{folder}/") for path in named.values()} | set(render_site.WIRINGS)
    assert beside == set(files["data"])
    assert json.loads(files["data"]["settings.json"])["schedule"] == "0 4 * * 1"
    (volume,) = values["volumes"]
    assert volume["configMap"]["name"] == files["metadata"]["name"]
    assert values["dags"]["gitSync"]["ref"] == "v1.4.0"


def test_the_local_settings_are_ours_and_no_template_of_the_chart(monkeypatch, tmp_path):
    assert rendered(monkeypatch, tmp_path) == 0
    text = read(tmp_path, "values.yaml")["airflowLocalSettings"]
    compile(text, "local_settings", "exec")
    assert "_has_task_or_resumed" in text
    assert "{{" not in text


def test_the_policies_have_the_sites_ports(monkeypatch, tmp_path):
    assert rendered(monkeypatch, tmp_path, "--ports", "443,4318", "--search-ports", "8983") == 0
    policies = list(yaml.safe_load_all((tmp_path / "site/network.yaml").read_text()))
    ports = [port["port"] for policy in policies for rule in policy["spec"].get("egress", ()) for port in rule["ports"]]
    assert ports == [53, 53, 443, 4318, 8983]
    assert policies[0]["spec"]["podSelector"] == {}


def test_the_pools_count_deferred_tasks(monkeypatch, tmp_path):
    assert rendered(monkeypatch, tmp_path) == 0
    assert all(pool["include_deferred"] for pool in read(tmp_path, "pools.json").values())


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"--run": None}, "run.json cannot be read: No such file or directory; name the file"),
        ({"--run": "name: shop"}, "run.json is not JSON"),
        ({"--run": json.dumps("x" * 1_000_000)}, "a config map holds 1000000; mount them from a claim"),
    ],
)
def test_what_is_refused(monkeypatch, tmp_path, capsys, changed, words):
    assert rendered(monkeypatch, tmp_path, **changed) == 2
    assert words in capsys.readouterr().err
    assert not (tmp_path / "site").exists()
