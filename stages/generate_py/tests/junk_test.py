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
    "MARKUP": ["<script>alert(1)</script>", "<b>red</b> shoes", "javascript:alert(1)", "<img src=x onerror=alert(1)>"],
    "INJECTION": [
        "' or 1=1 --",
        "x' or 'a'='a",
        "1 union all select null,null",
        "shoes; drop table users",
        "${jndi:ldap://x}",
        "{{7*7}}",
        "../../etc/passwd",
        "1 and sleep(5)",
        "1' union select user, password from users where 1 --",
        "x'; delete from orders",
        "1 and 1=1",
    ],
    "REPEATED_CHARACTER": ["aaaaa", "11111", "jjjjjjjj shoes"],
    "KEYBOARD_MASH": ["asdfg", "asdfasdf", "lkjhg", "qwertyu", "asdasdasd", "sdkfjghwrt", "asdf zxcv"],
}

SEARCHES = """red shoes|t-shirt|h&m|xxxl|xxxxxl|501|ps4|qwerty keyboard|qwerty|tree|were|power|levi's 501 original fit|
usb-c|3 in 1|a|42|1000000|brrr|hmm|mmm|zzz pillow|table select|drop table lamp shade|dr. martens|1/2 inch|c++|
women's dress from zara|shoes for men and women|b2b|papa|yoyo|tutu|www|кроссовки|靴|größe 38|50% off|\"quoted\"|
script font|body & soul|tv < 500|nintendo switch|rhythm|d&g|asdf movie|
33" drop in sink|30" insert fireplace|36" drop in cooktop|5' drop ceiling grid|serta perfect sleep (queen)|
queen (sleep)|1/2" union select valve|black & decker drill|m&m chocolate|5" pipe|levi's jeans|asp.net book|
booking.com gift card|kitchen sink|2x4x8 lumber|cable <usb>|select shades from hunter douglas|sleep (2 pack)|
alter ego drop earrings|3" or 4" pipe|size #|union jack; drop shoulder|delete key cap|4' x 8' insert panel"""
SEARCHES = SEARCHES.replace("\n", "").split("|")


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


@pytest.mark.parametrize("text", ["asp.net", "aaaaa", "sdkfjghwrt", "union select, drop table; valve"])
def test_words_of_the_catalogue_are_not_junk(text):
    words = frozenset(["asp.net", "aaaaa", "sdkfjghwrt", "union", "select", "drop", "table", "valve"])
    nothing = GazetteerTagger([], "en")
    assert junk_reason(text)
    assert junk(Classifier(nothing, (), words=words), [text, f"{text} unheardof"])[0] == ""
    assert junk(Classifier(nothing, ()), [text]) == [junk_reason(text)]


@pytest.mark.parametrize("text", ["' or 1=1 --", "{{7*7}}", "1 and sleep(5)", "jo.doe@example.com", "<b>", "???"])
def test_words_of_the_catalogue_excuse_no_attack(text):
    words = frozenset(["or", "1", "7", "and", "sleep", "5", "b", "jo", "doe"])
    assert junk(Classifier(GazetteerTagger([], "en"), (), words=words), [text]) == [junk_reason(text)]


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("black &amp; decker", "black & decker"),
        ("5&quot; pipe", '5" pipe'),
        ("levi%27s Jeans", "levi's jeans"),
        ("red%20shoes", "red shoes"),
        ("\u202bred shoes\u202c", "red shoes"),
    ],
)
def test_escapes_and_invisible_marks_make_no_second_query(typed, text):
    found = Classifier(GazetteerTagger([], "en"), ())([typed, text])
    assert [(one.text, one.junk) for one in found] == [(text, ""), (text, "")]


def test_an_escaped_attack_is_an_attack():
    found = junk(
        Classifier(GazetteerTagger([], "en"), ()), ["%3Cscript%3E", "&lt;script&gt;", "%27 or %271%27=%271", "%00"]
    )
    assert found == ["MARKUP", "MARKUP", "INJECTION", "INJECTION"]


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
