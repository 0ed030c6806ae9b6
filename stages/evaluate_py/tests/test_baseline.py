"""Grades and reasons of the baseline judge."""

import pytest
from evaluate_market import product, query, reasons

from sq_evaluate.judge import Case
from sq_evaluate.judges.baseline import BaselineJudge

SEEN = [
    product("1", "Red shirt", brand="Acme", category="shirt", colour="red", material="cotton", size="M"),
    product("2", "Blue shoe", brand="Bolt", category="shoe", colour="blue", material="leather", size="42"),
]
SHIRT = {"brand": "Acme", "category": "shirt"}
TAGS = ("BRAND=acme", "COLOUR=red", "MATERIAL=cotton", "CATEGORY=shirt")
FULL = "acme red cotton shirt"


def judge_of(products, language="en"):
    """A judge that has learned from the products."""
    judge = BaselineJudge()
    judge.learn(products, language)
    return judge


@pytest.mark.parametrize(
    ("asked", "shown", "grade", "why"),
    [
        (query(FULL, *TAGS), product("p", "Shirt", **SHIRT, colour="red", material="cotton"), 4, []),
        (query(FULL, *TAGS), product("p", "Shirt", **SHIRT, colour="red"), 3, ["TAG_MISSING MATERIAL=cotton"]),
        (
            query(FULL, *TAGS),
            product("p", "Shirt", **SHIRT),
            2,
            ["TAG_MISSING COLOUR=red", "TAG_MISSING MATERIAL=cotton"],
        ),
        (
            query(FULL, *TAGS),
            product("p", "Shirt", **SHIRT, colour="blue", material="cotton"),
            2,
            ["TAG_MISMATCH COLOUR=red"],
        ),
        (
            query(FULL, *TAGS),
            product("p", "Shirt", **SHIRT, colour="blue", material="leather"),
            1,
            ["TAG_MISMATCH COLOUR=red", "TAG_MISMATCH MATERIAL=cotton"],
        ),
        (
            query(FULL, *TAGS),
            product("p", "Shirt", brand="Bolt", category="shirt", colour="red", material="cotton"),
            1,
            ["TAG_MISMATCH BRAND=acme"],
        ),
        (
            query(FULL, *TAGS),
            product("p", "Shoe", brand="Acme", category="shoe", colour="red", material="cotton"),
            0,
            ["TAG_MISMATCH CATEGORY=shirt", "OFF_TOPIC CATEGORY="],
        ),
        # the product contradicts itself
        (
            query("red shirt", "COLOUR=red", "CATEGORY=shirt"),
            product("p", "Red shirt", **SHIRT, colour="blue"),
            2,
            ["ATTRIBUTE_CONFLICT COLOUR=red"],
        ),
        # words that no tag covers
        (query("waterproof shirt", "CATEGORY=shirt"), product("p", "Shirt", **SHIRT, text="Waterproof."), 4, []),
        (
            query("waterproof shirt", "CATEGORY=shirt"),
            product("p", "Shirt", **SHIRT),
            0,
            ["TERM_MISSING =waterproof"],
        ),
        (query("acme trainers", "BRAND=acme"), product("p", "Shoe", brand="Acme"), 0, ["TERM_MISSING =trainer"]),
        # a category that only the title names
        (query("shirt", "CATEGORY=shirt"), product("p", "Shirt"), 3, ["TAG_MISSING CATEGORY=shirt"]),
        (
            query("shirt", "CATEGORY=shirt"),
            product("p", "Poster"),
            0,
            ["TAG_MISSING CATEGORY=shirt", "OFF_TOPIC CATEGORY="],
        ),
        (query("???"), product("p", "Shirt"), 0, ["OFF_TOPIC ="]),
    ],
)
def test_tags(asked, shown, grade, why):
    judgment = judge_of([*SEEN, shown]).judge(Case(asked, (shown,)))[0]
    assert (judgment.grade, reasons(judgment)) == (grade, why)


@pytest.mark.parametrize(
    ("asked", "shown", "grade", "why"),
    [
        ("laptop", product("p", "Volt Probook laptop 15"), 4, []),
        ("laptop", product("p", "Volt laptop bag"), 0, ["ACCESSORY =laptop"]),
        ("laptop", product("p", "Volt sleeve for laptops"), 0, ["ACCESSORY =laptop"]),
        ("laptop bag", product("p", "Volt laptop bag"), 4, []),
        ("docking station", product("p", "Volt docking station with stand"), 4, []),
        ("laptop", product("p", "Volt Probook", text="Laptop, 15 inch"), 4, []),
        ("laptop", product("p", "Volt desk", text="Steel, for a laptop"), 1, ["OFF_TOPIC =laptop"]),
        ("laptop", product("p", "Volt desk"), 0, ["TERM_MISSING =laptop"]),
        ("laptop", product("p", "Volt desk", usage="laptop"), 0, ["OFF_TOPIC =laptop"]),
        ("gaming laptop", product("p", "Volt laptop", usage="gaming"), 2, ["TAG_MISSING =gaming"]),
        ("gaming laptop", product("p", "Volt laptop"), 0, ["TERM_MISSING =gaming"]),
        ("printer 3000", product("p", "Volt printer 3000"), 4, []),
        ("printer 3000", product("p", "Volt printer 2000"), 0, ["TERM_MISSING =3000"]),
        ("volt", product("p", "Toner black", brand="Volt"), 4, []),
        ("volt", product("p", "Sleeve for Volt Probook", brand="Acme"), 3, ["TAG_MISMATCH BRAND=volt"]),
    ],
)
def test_plain_text(asked, shown, grade, why):
    maker = product("m", "Thing", brand="Volt")
    judgment = judge_of([maker, shown]).judge(Case(query(asked), (shown,)))[0]
    assert (judgment.grade, reasons(judgment)) == (grade, why)


def test_a_sites_accessory_words_replace_the_lists_for_electronics():
    bag, saddle = product("b", "Volt bicycle bag"), product("s", "Volt bicycle saddle")
    judge = BaselineJudge(["Saddles"])
    judge.learn([bag, saddle], "en")
    grades = [outcome.grade for outcome in judge.judge(Case(query("bicycle"), (bag, saddle)))]
    assert grades == [4, 0]
    assert [one.grade for one in judge_of([bag, saddle]).judge(Case(query("bicycle"), (bag, saddle)))] == [0, 4]


def test_a_translated_query_is_judged_by_what_was_meant():
    """The translation lost the tag of the colour and kept its word. A product in that colour is still perfect."""
    meant = list(query("marineblau hemd", "COLOUR=marineblau", "CATEGORY=hemd").tags)
    asked = query(
        "navy hemd",
        "CATEGORY=hemd",
        language="de",
        source_text="navy shirt",
        source_tags=list(query("navy shirt", "COLOUR=navy", "CATEGORY=shirt").tags),
        intended_tags=meant,
        translated=True,
    )
    shown = product("p", "Hemd", category="hemd", colour="marineblau")
    other = product("o", "Hemd", category="hemd", colour="rot")
    judge = judge_of([shown, other], "de")
    assert [item.grade for item in judge.judge(Case(asked, (shown, other)))] == [4, 2]
