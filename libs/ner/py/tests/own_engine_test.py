"""A shop's own engine behind the service: what the client requires of it."""

import pytest
from serving import connected, other_service, own_service

from sq.v1.ner_service_pb2 import TaggedText, TagTextsResponse
from sq.v1.tag_pb2 import Tag, TagEngine
from sq_stagekit import InputError, TryAgainError

OWN = TagEngine(name="own", version="7", language="en")
DIGEST = f"sha256:{'0' * 64}"


def test_an_engine_of_the_shops_own_ignores_the_digest_and_needs_no_health_check():
    def answer(request, context):
        tags = [Tag(type="COLOUR", value="Reds", start=0, end=3)]
        return TagTextsResponse(engine=OWN, texts=[TaggedText(tags=tags) for _ in request.texts])

    with own_service(answer) as place, connected(place, engine="own/7") as service:
        tagger = service.tagger("en", DIGEST)
        assert [(tag.value, tag.surface) for tag in tagger.tag_all(["red hat"])[0]] == [("red", "red")]


def test_an_answer_that_breaks_the_contract_is_refused():
    with (
        own_service(lambda request, context: TagTextsResponse(engine=OWN)) as place,
        connected(place) as service,
        pytest.raises(InputError, match="own/7 breaks the contract of sq.v1.NerService: 0 answers for 1 texts"),
    ):
        service.tagger("en", "").tag_all(["red"])


def test_an_engine_without_a_name_is_refused():
    with (
        own_service(lambda request, context: TagTextsResponse()) as place,
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
        own_service(answer) as place,
        connected(place) as service,
        pytest.raises(TryAgainError, match="changed from own/1 to own/2"),
    ):
        service.tagger("en", "").tag_all(["red"])


def test_a_service_of_another_kind_is_refused():
    with (
        other_service(None) as place,
        connected(place) as service,
        pytest.raises(InputError, match="does not serve sq.v1.NerService"),
    ):
        service.tagger("en", "")
