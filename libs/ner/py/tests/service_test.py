"""The gazetteer as a service, over gRPC on the loopback interface: the same tags, and clear refusals."""

import pickle
import random
import threading

import grpc
import pytest
from serving import connected, other_service, served

from sq.v1.ner_config_pb2 import NerOptions
from sq.v1.ner_service_pb2 import TaggedText, TagTextsResponse
from sq.v1.ner_service_pb2_grpc import NerServiceServicer
from sq.v1.tag_pb2 import Tag, TagEngine
from sq_ner.client import NerConnection
from sq_ner.held import HeldGazetteers
from sq_ner.server import SERVICE
from sq_ner.tagger import GazetteerTagger
from sq_stagekit import InputError, TryAgainError
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
        ("fr", "", "of gazetteers for 'fr' there are none"),
        ("de", digest(ENGLISH), "is not held here"),
        ("English", "", "language 'English' is not like 'en'"),
    ],
)
def test_what_the_server_does_not_have_is_refused(address, language, gazetteer, problem):
    with connected(address) as service, pytest.raises(InputError, match=problem):
        service.tagger(language, gazetteer)


def test_a_language_with_two_gazetteers_wants_a_digest():
    with served([ENGLISH, GazetteerTagger(ENTRIES[1:], "en")]) as place, connected(place) as service:
        assert service.tagger("en", digest(ENGLISH)).tag_all(["h&m"])
        with pytest.raises(InputError, match="name a gazetteer_digest"):
            service.tagger("en", "")


def test_a_batch_over_the_servers_limit_is_refused(address):
    with connected(address, batch_size=2001) as service:
        tagger = service.tagger("en", "")
        with pytest.raises(InputError, match="2001 texts, and max_texts is 2000") as caught:
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


def test_a_service_that_is_not_there_is_worth_another_try():
    with (
        pytest.raises(TryAgainError, match="not ready after 1 s: .*[Cc]onnection refused"),
        connected("127.0.0.1:1", start_seconds=1),
    ):
        pass


def test_a_server_that_ends_in_the_middle_is_worth_another_try():
    with served([ENGLISH]) as place:
        service = NerConnection(place, NerOptions(timeout_seconds=1))
        tagger = service.tagger("en", "")
    with service, pytest.raises(TryAgainError, match="did not answer within 1 s|is not reachable"):
        tagger.tag_all(["red"])


class Own(NerServiceServicer):
    """A shop's own engine, as a test wants it."""

    def __init__(self, answer):
        self.answer = answer

    def TagTexts(self, request, context):  # noqa: N802, as the contract has it
        return self.answer(request, context)


def own(answer):
    return other_service(Own(answer))


OWN = TagEngine(name="own", version="7", language="en")


def test_an_engine_of_the_shops_own_ignores_the_digest_and_needs_no_health_check():
    def answer(request, context):
        tags = [Tag(type="COLOUR", value="Reds", start=0, end=3)]
        return TagTextsResponse(engine=OWN, texts=[TaggedText(tags=tags) for _ in request.texts])

    with own(answer) as place, connected(place, engine="own/7") as service:
        tagger = service.tagger("en", digest(ENGLISH))
        assert [(tag.value, tag.surface) for tag in tagger.tag_all(["red hat"])[0]] == [("red", "red")]


def test_an_answer_that_breaks_the_contract_is_refused():
    with (
        own(lambda request, context: TagTextsResponse(engine=OWN)) as place,
        connected(place) as service,
        pytest.raises(InputError, match="own/7 breaks its contract: 0 answers to 1 texts"),
    ):
        service.tagger("en", "").tag_all(["red"])


def test_an_engine_without_a_name_is_refused():
    with (
        own(lambda request, context: TagTextsResponse()) as place,
        connected(place) as service,
        pytest.raises(InputError, match="does not name its engine"),
    ):
        service.tagger("en", "")


def test_an_engine_that_changes_meanwhile_is_worth_another_try():
    versions = iter("12")

    def answer(request, context):
        engine = TagEngine(name="own", version=next(versions))
        return TagTextsResponse(engine=engine, texts=[TaggedText() for _ in request.texts])

    with (
        own(answer) as place,
        connected(place) as service,
        pytest.raises(TryAgainError, match="changed from own/1 to own/2"),
    ):
        service.tagger("en", "").tag_all(["red"])


def test_a_service_of_another_kind_is_refused():
    with (
        other_service(None) as place,
        connected(place) as service,
        pytest.raises(InputError, match="serves no sq.v1.NerService"),
    ):
        service.tagger("en", "")


def test_unavailable_is_tried_again_by_the_service_config():
    asked = []

    def answer(request, context):
        asked.append(len(request.texts))
        if len(asked) in (2, 3):
            context.abort(grpc.StatusCode.UNAVAILABLE, "not now")
        return TagTextsResponse(engine=OWN, texts=[TaggedText() for _ in request.texts])

    with own(answer) as place, connected(place) as service:
        assert service.tagger("en", "").tag_all(["red"]) == [[]]
    assert asked == [0, 1, 1, 1]


def test_a_slow_answer_ends_at_the_deadline():
    done = threading.Event()

    def answer(request, context):
        done.wait(10 if request.texts else 0)
        return TagTextsResponse(engine=OWN)

    with own(answer) as place, connected(place, timeout_seconds=0.5) as service:
        tagger = service.tagger("en", "")
        with pytest.raises(TryAgainError, match="did not answer within 0.5 s"):
            tagger.tag_all(["red"])
        done.set()


def test_a_stage_that_is_stopped_does_not_wait():
    done = threading.Event()

    def answer(request, context):
        done.wait(10 if request.texts else 0)
        return TagTextsResponse(engine=OWN)

    class Stop(Exception):
        pass

    stopped = threading.Event()

    def check_stop():
        if stopped.is_set():
            raise Stop

    with own(answer) as place, NerConnection(place, NerOptions(), check_stop) as service:
        tagger = service.tagger("en", "")
        stopped.set()
        with pytest.raises(Stop):
            tagger.tag_all(["red"])
        done.set()


def test_equal_markets_share_a_gazetteer():
    again = GazetteerTagger(list(reversed(ENTRIES)), "en")
    assert digest(again) == digest(ENGLISH)
    assert HeldGazetteers([ENGLISH, again]).find("en", "") is again


def test_the_health_check_knows_the_service_by_name():
    assert SERVICE == "sq.v1.NerService"
