"""Which queries are junk, and which odd ones are searches."""

import pytest

from sq_generate.classifier import Classifier
from sq_generate.junk import UNLESS_TAGGED, example, junk_reason
from sq_ner.tagger import GazetteerTagger
from sq_text import Entry, normalise

JUNK = {
    "EMPTY": [""],
    "TOO_LONG": ["word " * 31, "ab" * 101],
    "NO_LETTERS_OR_DIGITS": ["???", "- . -", "👟"],
    "URL": ["https://shop.example/x?y=1", "www.acme.com", "acme.co.uk", "shop.acme.de/sale"],
    "EMAIL": ["jo.doe@example.com", "mail jo@example.com please"],
    "MARKUP": ["<script>alert(1)</script>", "<b>red</b> shoes", "shoes &amp; boots", "javascript:alert(1)"],
    "INJECTION": [
        "' or 1=1 --",
        "x' or 'a'='a",
        "1 union all select null,null",
        "shoes; drop table users",
        "${jndi:ldap://x}",
        "{{7*7}}",
        "../../etc/passwd",
        "1 and sleep(5)",
        "%27",
    ],
    "REPEATED_CHARACTER": ["aaaaa", "11111", "jjjjjjjj shoes"],
    "KEYBOARD_MASH": ["asdfg", "asdfasdf", "lkjhg", "qwertyu", "asdasdasd", "sdkfjghwrt", "asdf zxcv"],
}

SEARCHES = """red shoes|t-shirt|h&m|xxxl|xxxxxl|501|ps4|qwerty keyboard|qwerty|tree|were|power|levi's 501 original fit|
usb-c|3 in 1|a|42|1000000|brrr|hmm|mmm|zzz pillow|table select|drop table lamp shade|dr. martens|1/2 inch|c++|
women's dress from zara|shoes for men and women|b2b|papa|yoyo|tutu|www|кроссовки|靴|größe 38|50% off|\"quoted\"|
script font|body & soul|tv < 500|nintendo switch|rhythm|d&g|asdf movie""".replace("\n", "").split("|")


@pytest.mark.parametrize(("reason", "text"), [(reason, text) for reason, texts in JUNK.items() for text in texts])
def test_junk(reason, text):
    assert junk_reason(normalise(text)) == reason


def junk(classifier, texts):
    return [found.junk for found in classifier(texts)]


@pytest.mark.parametrize("text", SEARCHES)
def test_searches(text):
    assert junk_reason(normalise(text)) == ""


@pytest.mark.parametrize("text", [text for reason in sorted(UNLESS_TAGGED) for text in JUNK[reason]])
def test_a_known_brand_is_not_junk(text):
    known = GazetteerTagger([Entry("BRAND", word, word) for word in text.split()], "en")
    assert junk(Classifier(known, ("BRAND",)), [text]) == [""]


def test_an_address_of_a_known_brand_is_still_junk():
    known = GazetteerTagger([Entry("BRAND", "Acme", "Acme")], "en")
    assert junk(Classifier(known, ()), ["https://acme.com", "acme"]) == ["URL", ""]


def test_only_empty_queries_of_a_persons_list_are_junk():
    keep_all = Classifier(GazetteerTagger([], "en"), (), keep_all=True)
    assert junk(keep_all, ["asdfg", "???", " ", "a@b.com"]) == ["", "", "EMPTY", ""]


@pytest.mark.parametrize(
    ("text", "shown"),
    [("jo.doe@example.com", "…@example.com"), ("x" * 200, "x" * 80 + "…"), ("???", "???")],
)
def test_examples_hide_who_wrote_them(text, shown):
    assert example(text) == shown
