"""Answers that were paid for, in each place."""

import asyncio
import json

import pytest
from redis_server import redis_server

from sq.v1.source_pb2 import AnswerCache
from sq_handoff import Store
from sq_llm import Completion, Objects, PaidAnswers, Usage, place_at
from sq_stagekit import InputError

KEY = "service/ab" + "0" * 62
OTHER = "service/cd" + "0" * 62
NAME, OTHER_NAME = f"answers/service/ab/{KEY[8:]}.json", f"answers/service/cd/{OTHER[8:]}.json"


def completion(content):
    return Completion(content, refusal="", finish_reason="stop", usage=Usage(1, 30, 10, 5))


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory):
    with redis_server(tmp_path_factory.mktemp("redis")) as server:
        yield server.url


@pytest.fixture(params=["objects", "sqlite", "redis"])
def place(request, tmp_path):
    """Makes the place anew, as another process would."""
    if request.param == "objects":
        return lambda: Objects(Store.at(str(tmp_path)))
    if request.param == "sqlite":
        return lambda: place_at(str(tmp_path))
    url = request.getfixturevalue("redis_url")
    run(place_at(url), lambda p: p._do("write", lambda client: client.flushdb()))
    return lambda: place_at(url)


def run(thing, work):
    async def once():
        try:
            return await work(thing)
        finally:
            await thing.close()

    return asyncio.run(once())


def put(place, buyer, content, key=KEY):
    run(PaidAnswers(place(), buyer), lambda answers: answers.put(key, completion(content)))


def get(place, key=KEY, buyer="other"):
    answers = PaidAnswers(place(), buyer)
    return run(answers, lambda a: a.get(key)), answers.tally


def test_an_answer_is_found_again_by_another_process(place):
    put(place, "run/uk/0", "ä")
    found, tally = get(place)
    assert (found.completion, found.buyer) == (completion("ä"), "run/uk/0")
    assert tally.fields() == {"answers_others": 1}
    assert get(place, buyer="run/uk/0")[1].fields() == {"answers_own": 1}


def test_what_was_never_asked_is_not_there(place):
    found, tally = get(place)
    assert found is None
    assert tally.fields() == {"answers_new": 1}
    assert tally.problem() == ""


def test_the_first_answer_stays(place):
    put(place, "run", "1")
    put(place, "run", "2")
    assert get(place)[0].completion == completion("1")


def raw(place, name=NAME):
    return run(place(), lambda p: p.get([name])).entries[name]


def write_raw(place, data):
    run(place(), lambda p: p.put({NAME: data}, replace=True))


def changed(place, **fields):
    return json.dumps(json.loads(raw(place)) | fields).encode()


@pytest.mark.parametrize(
    "damage",
    [
        lambda place: b"",
        lambda place: raw(place)[:-20],
        lambda place: b"\x80\x04 not text",
        lambda place: b"[1, 2]",
        lambda place: b'{"of": "another program"}',
        lambda place: raw(place, OTHER_NAME),
        lambda place: changed(place, buyer="somebody else"),
        lambda place: changed(place, sum="0" * 64),
        lambda place: json.dumps({"buyer": "run", "answer": {"content": 7}}).encode(),
        lambda place: json.dumps({"buyer": "run", "answer": "text"}).encode(),
    ],
)
def test_a_damaged_or_foreign_entry_is_noticed_and_replaced(place, damage):
    put(place, "run", "1")
    put(place, "run", "2", OTHER)
    write_raw(place, damage(place))
    answers = PaidAnswers(place(), "run")

    async def ask_again(answers):
        assert await answers.get(KEY) is None
        await answers.put(KEY, completion("again"))
        return await answers.get(KEY)

    assert run(answers, ask_again).completion == completion("again")
    assert answers.tally.fields() == {"answers_corrupt": 1, "answers_own": 1}
    assert answers.tally.problem().startswith(f"1 entries of the cache were damaged or not ours, the first {NAME}")
    assert get(place)[0].completion == completion("again")
    assert get(place, OTHER)[0].completion == completion("2")


def old_entry(content="old", buyer="earlier"):
    """As versions wrote it that had one object for each answer and no checksum."""
    return json.dumps({"answer": completion(content).to_json(), "buyer": buyer}).encode()


def test_answers_of_earlier_versions_are_read(tmp_path):
    Store.at(str(tmp_path)).put(NAME, old_entry())
    place = lambda: place_at(str(tmp_path))  # noqa: E731
    assert get(place)[0].buyer == "earlier"
    put(place, "run", "new", OTHER)
    assert get(place, OTHER)[0].completion == completion("new")
    assert [path.name for path in tmp_path.rglob("*.json")] == [NAME.rpartition("/")[2]]
    Store.at(str(tmp_path)).put(NAME, b"{")
    answers = PaidAnswers(place(), "run")
    run(answers, lambda a: a.get(KEY))
    run(answers, lambda a: a.put(KEY, completion("again")))
    assert get(place)[0].completion == completion("again")


@pytest.mark.parametrize(
    ("uri", "cache", "field", "problem"),
    [
        ("http://h/x", {}, "p.cache_uri", "scheme"),
        ("s3://bucket/x", {"max_age_days": 1}, "p.cache.max_age_days", "not for object storage"),
        ("s3://bucket/x", {"username": "u"}, "p.cache", "is no Redis"),
        ("folder", {"username": "u"}, "p.cache", "is no Redis"),
        ("redis://h:6379/0", {"max_entries": 5}, "p.cache.max_entries", "not for a Redis"),
        ("redis://h:6379/0", {"max_mib": 5}, "p.cache.max_mib", "not for a Redis"),
        ("redis://h:6379/zero", {}, "p.cache_uri", "a number as DB"),
        ("redis://h:6379/0?password=s3cret", {}, "p.cache_uri", "redis://HOST:PORT/DB"),
        ("redis://h:port/0", {}, "p.cache_uri", "the port"),
        ("redis://:s3cret@h:6379/0", {}, "p.cache_uri", "credentials"),
        ("redis://h/0", {"password": {"env": "NOT_SET_HERE"}}, "p.cache.password", "NOT_SET_HERE"),
    ],
)
def test_settings_that_do_not_fit_the_place(uri, cache, field, problem):
    with pytest.raises(InputError) as error:
        place_at(uri, AnswerCache(**cache), "p.")
    assert error.value.field == field
    assert problem in str(error.value)
    assert "s3cret" not in str(error.value)
