"""What each mechanism tries, and which queries it leaves alone."""

from __future__ import annotations

import pytest
from mechanisms_market import ENGLISH, GERMAN, asked, changes, tag

from sq.v1.product_pb2 import Attribute, Product
from sq.v1.query_pb2 import Query
from sq.v1.tag_pb2 import Tag
from sq_mechanisms import MECHANISMS, Asked, CatalogueWords, Lists, Market


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("inflection", "toners", "toner"),
        ("inflection", "hp toners black", "hp toner black"),
        ("inflection", "wireless headphone", "wireless headphones"),
        ("spelling", "wirless headphones", "wireless headphones"),
        ("spelling", "cartrigde", "cartridge"),
        ("spelling", "acrtridge", "cartridge"),
        ("spelling", "notebosok", "notebook"),
        ("spelling", "notebosoks", "notebook"),  # no product holds the plural
        ("spelling", "slevees", "sleeve"),
        ("spacing", "tp link router", "tp-link router"),
        ("spacing", "tplink", "tp-link"),
        ("spacing", "startech cable", "startech.com cable"),
        ("vocabulary", "acer laptop", "acer notebook"),
        ("language", "drucker hp", "printer hp"),
        ("modifier", "cheap notebook", "notebook"),
        ("modifier", "best notebook 2023", "notebook"),
        ("units", "usb cable 3m", 'usb cable "3 m"'),
        ("units", '15.6" notebook', '"15.6 inch" notebook'),
    ],
)
def test_the_first_change(name: str, text: str, expected: str) -> None:
    assert changes(name, asked(text))[0].text == expected


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("inflection", "router"),  # no other form in the catalogue
        ("inflection", "15.6"),
        ("spelling", "toners"),  # a form of a word that products hold
        ("spelling", "xqzzy"),
        ("spelling", "tonr"[:3]),  # too short to tell
        ("spelling", "dj1200"),  # a model
        ("spacing", "tp-link"),
        ("spacing", "usb cable 3m"),  # a quantity, which the mechanism of units writes the other way
        ("vocabulary", "notebook"),
        ("language", "router"),  # products hold it as it is
        ("modifier", "notebook"),
        ("modifier", "cheap"),  # nothing would be left
        ("units", "size 3"),
        ("compound", "notebook sleeve"),  # English writes compounds apart
        ("operator", "notebook"),
        ("translation", "notebook"),
    ],
)
def test_queries_that_a_mechanism_leaves_alone(name: str, text: str) -> None:
    assert changes(name, asked(text)) == []


def test_a_name_that_is_written_so_already_stays() -> None:
    assert changes("spacing", asked("startech.com cable")) == []


@pytest.mark.parametrize(("held", "expected"), [("Dock.com hub", ["dock.com"]), ("Dock/port replicator", [])])
def test_a_full_stop_is_part_of_a_name_and_a_slash_joins_two(held: str, expected: list[str]) -> None:
    market = Market("en", CatalogueWords.of([Product(title=held)] * 2, "en"))
    assert [change.text for change in changes("spacing", asked("dock"), market)] == expected


def test_a_quantity_that_is_also_a_brand_is_one_where_it_stands_first() -> None:
    first, last = [tag("BRAND", "3m", 0)], [tag("BRAND", "3m", 10)]
    assert len(changes("entity", asked("3m usb cable", results="Toner", tags=first))) == 1
    assert changes("units", asked("3m usb cable", tags=first)) == []
    assert changes("entity", asked("usb cable 3m", results="Toner", tags=last)) == []
    assert len(changes("units", asked("usb cable 3m", tags=last))) == 1


def test_words_of_intent_and_of_lists_are_no_typing_errors() -> None:
    lists = Lists(synonyms={"bell": ["chime"]}, modifiers=frozenset({"best"}))
    catalogue = CatalogueWords.of([Product(title="belt")] * 2, "en")
    assert changes("spelling", asked("best"), Market("en", catalogue))[0].text == "belt"
    for word in ("best", "bell"):
        assert changes("spelling", asked(word), Market("en", catalogue, lists=lists)) == []


def test_a_compound_is_parted_and_joined() -> None:
    assert changes("compound", asked("notebooktasche", language="de"), GERMAN)[0].text == "notebook tasche"
    joined = Market("de", CatalogueWords.of([Product(title="Notebooktasche")] * 2, "de"))
    assert changes("compound", asked("notebook tasche rot", language="de"), joined)[0].text == "notebooktasche rot"


def test_the_last_part_of_a_compound_keeps_its_ending() -> None:
    assert changes("compound", asked("notebooktaschen", language="de"), GERMAN)[0].text == "notebook taschen"


def test_the_first_part_of_a_compound_may_drop_its_e() -> None:
    market = Market("de", CatalogueWords.of([Product(title="Mantel schwarz Wolle")] * 2, "de"))
    assert changes("compound", asked("wollmantel", language="de"), market)[0].text == "wolle mantel"


def test_each_synonym_is_a_rule_of_one_item() -> None:
    tried = changes("vocabulary", asked("laptop"))
    assert [(change.item, change.rule, change.text) for change in tried] == [
        ("laptop", 0, "notebook"),
        ("laptop", 1, "netbook"),
    ]


def test_all_words_are_required_where_results_lack_one() -> None:
    (change,) = changes("operator", asked("notebook sleeve", results="inch"))
    assert change.request.minimum_should_match == "100%"
    assert changes("operator", asked("notebook sleeve", results="sleeve")) == []


def test_a_word_is_left_out_where_there_are_few_results() -> None:
    assert changes("operator", asked("acer quasar notebook", total_hits=0))[0].text == "acer notebook"
    assert changes("operator", asked("hp notebook", total_hits=2))[0].text == "hp"


def test_brand_and_category_are_never_left_out() -> None:
    tags = [tag("BRAND", "sony", 0), tag("CATEGORY", "headphone", 14, "headphones")]
    assert changes("operator", asked("sony wireless headphones", total_hits=0, tags=tags))[0].text == "sony headphones"
    assert (
        changes("operator", asked("sony headphones", total_hits=0, tags=[tags[0]] + [tag("CATEGORY", "headphone", 5)]))
        == []
    )


def test_a_brand_is_boosted_where_results_are_of_others() -> None:
    brand = Tag(type="BRAND", value="acer", surface="acer", start=0, end=4)
    (change,) = changes("entity", asked("acer notebook", results="Sony", tags=[brand]))
    (boost,) = change.request.boosts
    assert (boost.tag_type, boost.value, boost.weight) == ("BRAND", "acer", 7.5)
    assert changes("entity", asked("acer notebook", results="Acer", tags=[brand])) == []
    assert changes("entity", asked("acer notebook", total_hits=0, tags=[brand])) == []


def test_a_category_is_boosted_whole() -> None:
    categories = ["notebook", "notebook case", "toner"]
    products = [Product(product_id=name, title="x", categories=[name]) for name in categories]
    thing = tag("CATEGORY", "notebook", 0, "notebooks")
    (change,) = changes(
        "entity", asked("notebooks", results="Sony", tags=[thing]), Market("en", CatalogueWords.of(products, "en"))
    )
    assert [(boost.value, boost.weight > 0) for boost in change.request.boosts] == [
        ("notebooks", True),
        ("case", False),
    ]


def test_a_category_is_left_to_the_mechanism_of_accessories_where_they_stand_first() -> None:
    thing = tag("CATEGORY", "notebook", 0)
    assert len(changes("entity", asked("notebook", results="Toner", tags=[thing]))) == 1
    assert changes("entity", asked("notebook", results="Notebook sleeve", tags=[thing])) == []


def test_a_colour_that_the_title_names_is_a_gap_of_the_data_and_needs_no_boost() -> None:
    black, red = tag("COLOUR", "black", 0), tag("COLOUR", "red", 0)
    assert changes("entity", asked("black toner", results="Toner", tags=[black])) == []
    assert changes("entity", asked("red toner", results="Toner", tags=[red])) == []


@pytest.mark.parametrize(("stated", "tried"), [(5, 1), (4, 0)])
def test_a_colour_that_most_results_do_not_state_is_a_gap_of_the_data(stated: int, tried: int) -> None:
    blue = [Attribute(name="colour", values=["blue"], tag_type="COLOUR")]
    results = [Product(product_id=str(n), title="Toner", attributes=blue if n < stated else []) for n in range(10)]
    query = Query(query_id="q", text="red toner", language="en", tags=[tag("COLOUR", "red", 0)])
    assert len(changes("entity", Asked(query, results=results, total_hits=10, top_score=7.5))) == tried


def test_accessories_are_lowered_unless_the_query_asks_for_one() -> None:
    (change,) = changes("accessories", asked("notebook", results="sleeve"))
    assert change.request.boosts[0].weight < 0
    assert changes("accessories", asked("notebook sleeve", results="sleeve")) == []


@pytest.mark.parametrize(
    ("title", "text", "eligible"),
    [
        ("Acer notebook sleeve", "notebook", True),
        ("Sleeve for notebooks", "notebook", True),
        ("Sleeve, striped", "striped", False),  # the sleeve is striped; it is no accessory of something striped
        ("Sleeve for tablets", "notebook", False),
    ],
)
def test_an_accessory_is_one_of_what_is_asked_for(title: str, text: str, eligible: bool) -> None:
    query = Asked(Query(text=text, language="en"), results=[Product(title=title)], total_hits=1, top_score=1)
    assert bool(changes("accessories", query)) == eligible


@pytest.mark.parametrize(
    ("text", "tags", "expected"),
    [
        ("red router", ["red"], "black router"),  # another value of its type
        ("schwarz router", [], "black router"),  # not translated
        ("noir router", [], "black router"),  # a word that no product holds
        ("router", [], "black router"),  # left out
    ],
)
def test_a_lost_tag_stands_in_place_of_what_the_translation_has(text: str, tags: list[str], expected: str) -> None:
    there = [tag("COLOUR", value, text.index(value)) for value in tags]
    query = asked(text, translated=True, tags=there, intended_tags=[tag("COLOUR", "black", 0, "schwarz")])
    assert changes("translation", query)[0].text == expected


def test_a_tag_inside_a_compound_is_not_lost() -> None:
    meant = [tag("COLOUR", "schwarz", 0, "black"), tag("CATEGORY", "notebook", 6)]
    query = asked("schwarznotebook", language="de", translated=True, intended_tags=meant)
    assert changes("translation", query, GERMAN) == []


def test_a_lost_tag_is_put_back_in_words_that_people_write() -> None:
    meant = [Tag(type="CATEGORY", value="headphone", surface="Kopfhörer", start=0, end=9)]
    query = asked("sony", translated=True, source_text="sony Kopfhörer", intended_tags=meant)
    (change,) = changes("translation", query)
    assert change.text == "headphones sony"
    assert change.item == "Kopfhörer → headphones"


@pytest.mark.parametrize("name", MECHANISMS)
@pytest.mark.parametrize("text", ["", " ", "-", '"', "日本語", "a" * 5000, "1/2 \\ {x}", "\u202eabc"])
def test_no_mechanism_breaks_on_a_strange_query(name: str, text: str) -> None:
    for market in (ENGLISH, GERMAN):
        for hits in (0, 100):
            changes(name, asked(text, hits, language=market.language), market)
