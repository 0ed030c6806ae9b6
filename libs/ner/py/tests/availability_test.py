"""Services that are missing, slow or stopped: what is retried, and how long the client waits."""

import threading

import grpc
import pytest
from serving import connected, own_service, served

from sq.v1.ner_config_pb2 import NerOptions
from sq.v1.ner_service_pb2 import TaggedText, TagTextsResponse
from sq.v1.tag_pb2 import TagEngine
from sq_ner.client import NerConnection
from sq_ner.tagger import GazetteerTagger
from sq_stagekit import TryAgainError
from sq_text import Entry

OWN = TagEngine(name="own", version="7", language="en")
TAGGER = GazetteerTagger([Entry("COLOUR", "Red", "Red")], "en")


def test_a_service_that_is_not_there_is_worth_another_try():
    with (
        pytest.raises(TryAgainError, match="not ready after 1 s: .*[Cc]onnection refused"),
        connected("127.0.0.1:1", start_seconds=1),
    ):
        pass


def test_a_server_that_ends_in_the_middle_is_worth_another_try():
    with served([TAGGER]) as place:
        service = NerConnection(place, NerOptions(timeout_seconds=1))
        tagger = service.tagger("en", "")
    with service, pytest.raises(TryAgainError, match="did not answer within 1 s|is unavailable"):
        tagger.tag_all(["red"])


def test_unavailable_is_tried_again_by_the_service_config():
    asked = []

    def answer(request, context):
        asked.append(len(request.texts))
        if len(asked) in (2, 3):
            context.abort(grpc.StatusCode.UNAVAILABLE, "not now")
        return TagTextsResponse(engine=OWN, texts=[TaggedText() for _ in request.texts])

    with own_service(answer) as place, connected(place) as service:
        assert service.tagger("en", "").tag_all(["red"]) == [[]]
    assert asked == [0, 1, 1, 1]


def test_a_slow_answer_ends_at_the_deadline():
    done = threading.Event()

    def answer(request, context):
        done.wait(10 if request.texts else 0)
        return TagTextsResponse(engine=OWN)

    with own_service(answer) as place, connected(place, timeout_seconds=0.5) as service:
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

    with own_service(answer) as place, NerConnection(place, NerOptions(), check_stop) as service:
        tagger = service.tagger("en", "")
        stopped.set()
        with pytest.raises(Stop):
            tagger.tag_all(["red"])
        done.set()
