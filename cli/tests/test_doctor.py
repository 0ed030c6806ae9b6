"""`sq doctor` against real servers: what it calls ready, and what it does not."""

import json

import pytest
from doctor_shop import BARE, PRODUCTS, answering, configuration, run_doctor, searchd
from redis_server import redis_server

from sq_llm_server import LlmServer, Raw


def test_a_shop_that_is_ready(tmp_path):
    with searchd(tmp_path) as url:
        code, lines = run_doctor(tmp_path, configuration(tmp_path, url))
    assert lines["uk queries"] == "ok uk queries: 2 distinct queries in the first rows, such as 'red shirt'"
    assert "2 products read, such as 'Red shirt'" in lines["uk catalogue"]
    assert lines["uk search"] == "ok uk search: 'red shirt' 1 hits, 'blue hat' 1 hits, such as 'Red shirt'"
    assert code == 0


def test_what_is_away_ends_with_75_unless_something_is_wrong_too(tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    config = configuration(tmp_path, "http://127.0.0.1:9")
    config["markets"][0]["retrieve"] |= {"max_retries": 0}
    endpoint = {"model": "m", "base_url": "http://127.0.0.1:9/v1"}
    config["markets"][0]["evaluate"] = {"openai": {"endpoint": endpoint}}
    code, lines = run_doctor(tmp_path, config)
    assert lines["uk search"].startswith("away") and lines["uk judge"].startswith("away")
    assert code == 75
    config["markets"][0]["generate"]["log"]["uri"] = ["none.csv"]
    assert run_doctor(tmp_path, config)[0] == 2


def test_a_uri_that_is_none_stops_its_own_market_alone(tmp_path):
    config = configuration(tmp_path, "http://127.0.0.1:9")
    wrong = json.loads(json.dumps(config["markets"][0])) | {"market": "de"}
    wrong["generate"]["log"]["uri"] = ["ftp://there/log.csv"]
    config["markets"].append(wrong)
    code, lines = run_doctor(tmp_path, config)
    assert "FAIL" in str(lines) and "markets[1].generate.log.uri: ftp://there/log.csv: the scheme" in str(lines)
    assert lines["uk queries"].startswith("ok") and not any(name.startswith("de ") for name in lines)
    assert code == 2
    _, lines = run_doctor(tmp_path, config | {"workspace_uri": "ftp://there"})
    assert "workspace_uri: ftp://there: the scheme" in str(lines) and "uk queries" not in lines


def test_credentials_are_used_and_not_shown(tmp_path, monkeypatch):
    monkeypatch.setenv("SEARCH_TOKEN", "s3cret")
    with searchd(tmp_path) as url:
        config = configuration(tmp_path, url)
        config["markets"][0]["retrieve"]["credentials"] = {"bearer": {"env": "SEARCH_TOKEN"}}
        code, lines = run_doctor(tmp_path, config)
        assert code == 0 and "s3cret" not in str(lines)
        monkeypatch.delenv("SEARCH_TOKEN")
        code, lines = run_doctor(tmp_path, config)
    assert code == 2 and "SEARCH_TOKEN is empty or not set" in lines["uk search"]


@pytest.mark.parametrize("url", ["http://", "http://127.0.0.1:port", "http://[::1"])
def test_a_malformed_url_is_an_error(tmp_path, url):
    code, lines = run_doctor(tmp_path, configuration(tmp_path, url))
    assert code == 2 and "FAIL" in str(lines)


@pytest.mark.parametrize(
    ("change", "check", "says"),
    [
        ({"log": {"uri": ["log.csv"], "columns": {"query": "typed"}}}, "uk queries", "there is no column typed"),
        ({"log": {"uri": ["none.csv"]}}, "uk queries", "there is no file"),
        (
            {"catalogue": {"uri": "catalogue.ndjson", "fields": {"id": "id", "title": "title", "brand": "bran"}}},
            "uk catalogue",
            "no product has the field bran",
        ),
        ({"catalogue": {"uri": "log.csv"}}, "uk catalogue", "cannot tell which field is the id"),
    ],
)
def test_the_first_records_are_read_with_the_configured_columns(tmp_path, change, check, says):
    with answering(200, BARE) as url:
        config = configuration(tmp_path, url)
        config["markets"][0]["generate"] |= change
        code, lines = run_doctor(tmp_path, config)
    assert code == 2
    assert lines[check].startswith("FAIL") and says in lines[check]


def _refuses_temperature(request):
    if "temperature" in request:
        error = {"message": "Unsupported value: temperature", "param": "temperature", "code": "unsupported_value"}
        return Raw({"error": error}, 400)
    return json.dumps({"words": []})


@pytest.mark.parametrize(
    ("key", "endpoint", "says"),
    [
        ("the-key", {}, "ok uk judge: m answers"),
        ("another", {}, "evaluate.openai.endpoint.api_key: the service refuses"),
        ("", {}, "OPENAI_API_KEY is empty or not set"),
        ("the-key", {"temperature": 0}, "leave out evaluate.openai.endpoint.temperature"),
    ],
)
def test_the_model_of_a_judge_is_called_once(tmp_path, monkeypatch, key, endpoint, says):
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with answering(200, BARE) as url, LlmServer(key="the-key", answer=_refuses_temperature) as server:
        config = configuration(tmp_path, url)
        model = {"model": "m", "base_url": server.url, **endpoint}
        config["markets"][0]["evaluate"] = {"openai": {"endpoint": model}}
        code, lines = run_doctor(tmp_path, config)
        assert len(server.calls) == (1 if key else 0)
    assert says in lines["uk judge"]
    assert code == (0 if lines["uk judge"].startswith("ok") else 2)
    assert "the-key" not in str(lines)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("prompt", "{{data}} {{answer}}", "ok uk prompt: the judge's name has whole-own-"),
        ("prompt", "{{data}}", "lacks {{answer}}"),
        ("guideline", "{{data}} {{answer}}", "ok uk guideline: the judge's name has guideline-own-"),
        ("guideline", "{{data}}", "evaluate.openai.guideline.prompt_uri"),
    ],
)
def test_a_prompt_of_the_site_is_read(tmp_path, monkeypatch, name, text, says):
    monkeypatch.setenv("OPENAI_API_KEY", "the-key")
    (tmp_path / "prompt.txt").write_text(text)
    with answering(200, BARE) as url, LlmServer(answer=_refuses_temperature) as server:
        config = configuration(tmp_path, url)
        prompt = {"prompt_uri": "prompt.txt"}
        judge = {"endpoint": {"model": "m", "base_url": server.url}, **({name: prompt} if name != "prompt" else prompt)}
        config["markets"][0]["evaluate"] = {"openai": judge}
        code, lines = run_doctor(tmp_path, config)
    assert says in lines[f"uk {name}"]
    assert code == (0 if "ok" in says else 2)


@pytest.mark.parametrize("key", ["the-key", "another"])
def test_the_models_of_translation_and_vocabulary_are_called_once_each(tmp_path, monkeypatch, key):
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with answering(200, BARE) as url, LlmServer(key="the-key", answer=_refuses_temperature) as server:
        config = configuration(tmp_path, url)
        endpoint = {"endpoint": {"model": "m", "base_url": server.url}}
        market = config["markets"][0]
        market["generate"]["translation"] = {"openai": endpoint}
        market["diagnose"] = {"vocabulary": endpoint}
        _, lines = run_doctor(tmp_path, config)
        assert len(server.calls) == 2
    fields = {"uk translation": "generate.translation.openai", "uk vocabulary": "diagnose.vocabulary"}
    for line, field in fields.items():
        refused = f"FAIL {line}: {field}.endpoint.api_key: the service refuses"
        assert (f"ok {line}: m answers" if key == "the-key" else refused) in lines[line]


@pytest.mark.parametrize(
    ("name", "more", "says"),
    [
        ("log.csv", "blå hatt,2\n".encode("latin-1"), "log.csv, encoding windows-1252, setting log.csv.encoding"),
        (
            "log.csv",
            b"x" * (2 << 20) + b",1\n",
            "lines 1 of 3, such as log.csv:4: has a cell of more than 1048576 char",
        ),
        ("catalogue.ndjson", json.dumps(PRODUCTS[0]).encode(), "repeat the id of another and are left out"),
    ],
)
def test_what_the_readers_warn_of_is_a_line_of_its_own(tmp_path, name, more, says):
    with answering(200, BARE) as url:
        config = configuration(tmp_path, url)
        with (tmp_path / name).open("ab") as file:
            file.write(more)
        _, lines = run_doctor(tmp_path, config)
    assert lines["uk files"].startswith("look")
    assert says in lines["uk files"]


@pytest.mark.parametrize(("in_the_way", "mark"), [(False, "ok"), (True, "FAIL")])
def test_whether_the_history_can_be_written(tmp_path, in_the_way, mark):
    if in_the_way:
        (tmp_path / "history").write_text("a file")
    config = configuration(tmp_path, "http://127.0.0.1:9") | {"consolidate": {"history_uri": "history"}}
    _, lines = run_doctor(tmp_path, config)
    assert lines["consolidate.history_uri"].startswith(f"{mark} ")
    assert in_the_way or not list((tmp_path / "history").iterdir())


@pytest.mark.parametrize(
    ("uri", "cache", "says"),
    [
        ("answers", {}, "/answers answers"),
        ("redis://127.0.0.1:{port}/0", {"password": {"env": "CACHE_PASSWORD"}}, "/0 answers"),
        ("redis://127.0.0.1:{port}/0", {}, "check cache.username, cache.password"),
        ("redis://127.0.0.1:{port}/x", {}, "evaluate.cache_uri: a Redis is redis://HOST:PORT/DB"),
        ("s3://bucket/x", {"max_entries": 5}, "evaluate.cache.max_entries: is not for object storage"),
    ],
)
def test_whether_kept_answers_can_be_read(tmp_path, monkeypatch, uri, cache, says):
    monkeypatch.setenv("CACHE_PASSWORD", "s3cret")
    with redis_server(tmp_path, "--requirepass", "s3cret") as server:
        config = configuration(tmp_path, "http://127.0.0.1:9")
        port = server.url.rpartition(":")[2].partition("/")[0]
        config["markets"][0]["evaluate"] |= {"cache_uri": uri.format(port=port), "cache": cache}
        _, lines = run_doctor(tmp_path, config)
    line = lines["uk evaluate answers"]
    assert says in line
    assert line.startswith("ok" if says.endswith(" answers") else "FAIL")
    assert "s3cret" not in str(lines)


@pytest.mark.parametrize(
    ("changes", "line", "says"),
    [
        ({}, "mechanisms", "ok uk mechanisms: translation, spelling, "),
        ({"diagnose": {"mechanisms": ["stemming"]}}, "mechanisms", "diagnose.mechanisms: there is no 'stemming'"),
        ({"words": {"synonyms_uri": "nosuch.txt"}}, "words", "FAIL uk words: words.synonyms_uri: "),
        ({"words": {"modifiers": ["fancy"]}}, "words", "ok uk words: 0 synonyms, 0 dictionary, "),
    ],
)
def test_what_a_later_stage_would_refuse_is_told_now(tmp_path, changes, line, says):
    config = configuration(tmp_path, "http://127.0.0.1:9")
    config["markets"][0] |= changes
    _, lines = run_doctor(tmp_path, config)
    assert says in lines[f"uk {line}"]
