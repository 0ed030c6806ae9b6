"""The gazetteer as a service, over gRPC on the loopback interface: the same tags as in process, and clear errors."""

import pickle
import random
import threading

import pytest
from serving import connected, served

from sq_ner.gazetteers import Gazetteers
from sq_ner.server import SERVICE
from sq_ner.tagger import GazetteerTagger
from sq_stagekit import InputError
from sq_text import Entry

ENTRIES = [
    Entry("BRAND", "H&M", "H&M"),
    Entry("BRAND", "Hugo Boss", "Hugo Boss"),
    Entry("BRAND", "Boss", "Boss"),
    Entry("BRAND", "Orange", "Orange"),
    Entry("CATEGORY", "Running Shoes", "Running Shoes"),
    Entry("CATEGORY", "Shoes", "Shoes"),
    Entry("COLOUR", "Orange", "Orange"),
    Entry("COLOUR", "Red", "Red"),
    Entry("COLOUR", "Red", "scarlet", rank=0),
    Entry("SIZE", "42", "42"),
    Entry("SIZE", "M", "M"),
    Entry("GENDER", "Women", "Women"),
    Entry("MATERIAL", "Crème Brûlée", "Crème Brûlée"),
]
TEXTS = [
    "red shoes",
    "Scarlet  RUNNING-shoes",
    "hugo boss boss",
    "h & m size m 42",
    "women's orange",
    "👟 cre\u0300me bru\u0302le\u0301e",
    "redshoes",
    "",
    " ",
    "\u200bred\u00adshoes",
    "42 " * 500,
    "женские туфли",
]
ENGLISH = GazetteerTagger(ENTRIES, "en")
GERMAN = GazetteerTagger([Entry("COLOUR", "Rot", "Rot")], "de")


def digest(tagger):
    return tagger.engine.gazetteer_digest


@pytest.fixture(scope="module")
def address():
    with served([ENGLISH, GERMAN], max_texts=2000) as place:
        yield place


@pytest.mark.parametrize("batch_size", [1, 5, 1000])
def test_the_same_tags_as_in_process(address, batch_size):
    texts = TEXTS * 20
    random.Random(batch_size).shuffle(texts)
    with connected(address, batch_size=batch_size, concurrency=3) as service:
        tagger = service.tagger("en", digest(ENGLISH))
        assert tagger.engine == ENGLISH.engine
        assert tagger.tag_all(texts) == ENGLISH.tag_all(texts)
        assert tagger.tag_all([]) == []


def test_one_connection_tags_many_languages_from_many_threads(address):
    with connected(address) as service:
        taggers = [(service.tagger("en", digest(ENGLISH)), ENGLISH), (service.tagger("de", ""), GERMAN)] * 4
        wrong = []

        def compare(remote, local):
            wrong.extend(text for text in TEXTS if remote.tag_all([text]) != local.tag_all([text]))

        threads = [threading.Thread(target=compare, args=pair) for pair in taggers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []


def test_a_tagger_goes_to_another_process(address):
    with connected(address) as service:
        for tagger in (service.tagger("en", ""), ENGLISH):
            assert pickle.loads(pickle.dumps(tagger)).tag_all(TEXTS) == ENGLISH.tag_all(TEXTS)


def test_another_gazetteer_is_refused(address):
    other = GazetteerTagger(ENTRIES[1:], "en")
    with connected(address) as service, pytest.raises(InputError) as caught:
        service.tagger("en", digest(other))
    assert caught.value.field == "ner_address"
    assert digest(other) in caught.value.problem
    assert digest(ENGLISH) in caught.value.problem
    assert "start the service with" in caught.value.fix


@pytest.mark.parametrize(
    ("language", "gazetteer", "problem"),
    [
        ("fr", "", "gazetteers for 'fr': none"),
        ("de", digest(ENGLISH), "is not available"),
        ("English", "", "language 'English' is not a code like 'en'"),
    ],
)
def test_what_the_server_does_not_have_is_refused(address, language, gazetteer, problem):
    with connected(address) as service, pytest.raises(InputError, match=problem):
        service.tagger(language, gazetteer)


def test_a_language_with_two_gazetteers_wants_a_digest():
    with served([ENGLISH, GazetteerTagger(ENTRIES[1:], "en")]) as place, connected(place) as service:
        assert service.tagger("en", digest(ENGLISH)).tag_all(["h&m"])
        with pytest.raises(InputError, match="set gazetteer_digest"):
            service.tagger("en", "")


def test_a_batch_over_the_servers_limit_is_refused(address):
    with connected(address, batch_size=2001) as service:
        tagger = service.tagger("en", "")
        with pytest.raises(InputError, match=r"2001 texts exceed max_texts \(2000\)") as caught:
            tagger.tag_all(["red"] * 2001)
        assert caught.value.field == "ner_options.batch_size"


def test_a_request_over_the_servers_bytes_is_refused():
    with served([ENGLISH], max_request_bytes=10_000) as place, connected(place) as service:
        tagger = service.tagger("en", "")
        with pytest.raises(InputError, match="larger than max"):
            tagger.tag_all(["red " * 1000] * 10)


def test_the_engine_may_be_named(address):
    for wanted in ("sq-gazetteer", f"sq-gazetteer/{ENGLISH.engine.version}"):
        with connected(address, engine=wanted) as service:
            service.tagger("en", "")
    for wanted in ("spacy", "sq-gazetteer/0"):
        with connected(address, engine=wanted) as service, pytest.raises(InputError) as caught:
            service.tagger("en", "")
        assert caught.value.field == "ner_options.engine"


def test_equal_markets_share_a_gazetteer():
    again = GazetteerTagger(list(reversed(ENTRIES)), "en")
    assert digest(again) == digest(ENGLISH)
    assert Gazetteers([ENGLISH, again]).find("en", "") is again


def test_the_health_check_knows_the_service_by_name():
    assert SERVICE == "sq.v1.NerService"
