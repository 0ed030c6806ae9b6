"""Tests the example through sq's own client."""

import pytest
from ner_typos.__main__ import serve
from ner_typos.engine import Typos

from sq.v1.ner_config_pb2 import NerOptions
from sq_ner.client import NerConnection
from sq_stagekit import InputError

ENGINE = Typos([("BRAND", "Adidas"), ("CATEGORY", "shoes"), ("COLOUR", "red"), ("COLOUR", "navy blue")])


@pytest.fixture
def service():
    server, _, port = serve("127.0.0.1:0", ENGINE)
    with NerConnection(f"127.0.0.1:{port}", NerOptions(engine="typos/1")) as connection:
        yield connection
    server.stop(0)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("red adidas shoes", [("COLOUR", "red"), ("BRAND", "adidas"), ("CATEGORY", "shoe")]),
        ("👟 adidsa shoos", [("BRAND", "adidas"), ("CATEGORY", "shoe")]),
        ("rad", []),
        ("", []),
    ],
)
def test_tags(service, text, found):
    (tags,) = service.tagger("en", "sha256:of-no-use").tag_all([text])
    assert [(tag.type, tag.value) for tag in tags] == found


def test_a_language_it_does_not_know_is_refused(service):
    with pytest.raises(InputError, match="knows only en"):
        service.tagger("de", "")
