"""What is planted in which market of the sample."""

from __future__ import annotations

from sq_sample.planting import (
    BrokenAttribute,
    BrokenTranslation,
    EndpointFault,
    HiddenBrand,
    HiddenCategory,
    Plan,
)
from sq_sample.searches import Search

# English queries of the sample reach the German market translated, so a letter is told by the value that brings it.
_SHARP_S = (("colour", "white"),)
_UMLAUT_U = (("colour", "green"), ("category", "belt"))


def _has_digit(search: Search) -> bool:
    return any(letter.isdigit() for letter in search.text)


_NUMBERS = EndpointFault(
    name="REFUSED",
    pattern=r"\d",
    status=400,
    truncate=False,
    says="number_format_exception: failed to parse a number for field [price]",
    touches=_has_digit,
    why="the endpoint answers 400 to queries with a number",
)

NOTHING = (Plan("uk", "en"), Plan("de", "de"))

EVERYTHING = (
    Plan(
        "uk",
        "en",
        endpoint=(
            _NUMBERS,
            EndpointFault(
                name="SERVER_ERROR",
                pattern="['’]",
                status=500,
                truncate=False,
                says="null_pointer_exception: unbalanced quote in query rewrite",
                touches=lambda search: "'" in search.text and not _has_digit(search),
                why="the endpoint answers 500 to queries with an apostrophe",
            ),
            EndpointFault(
                name="MALFORMED",
                pattern="&",
                status=200,
                truncate=True,
                says="",
                touches=lambda search: "&" in search.text and not _has_digit(search) and "'" not in search.text,
                why="the answer to queries with an ampersand ends in the middle",
            ),
        ),
        brands=(HiddenBrand("Ostavik"), HiddenBrand("Brannoch")),
        categories=(HiddenCategory("waistcoat", "WSTCT"),),
        attributes=(
            BrokenAttribute("colour", "navy", "assorted"),
            BrokenAttribute("colour", "grey", "assorted"),
            BrokenAttribute("material", "linen", None, in_catalogue=True),
        ),
        unknown=("trainers", "jumper", "slacks"),
        values={"Ostavik": "ostavik", "Brannoch": "brannoch"},
    ),
    Plan(
        "de",
        "de",
        endpoint=(
            _NUMBERS,
            EndpointFault(
                name="SERVER_ERROR",
                pattern="ß",
                status=500,
                truncate=False,
                says="unmappable_character_exception: U+00DF",
                touches=lambda search: (
                    not _has_digit(search)
                    and (any(search.asks(*value) for value in _SHARP_S) or "size" in search.text.split())
                ),
                why="the endpoint answers 500 to queries with a sharp s",
            ),
            EndpointFault(
                name="MALFORMED",
                pattern="[üÜ]",
                status=200,
                truncate=True,
                says="",
                touches=lambda search: not _has_digit(search) and any(search.asks(*value) for value in _UMLAUT_U),
                why="the length of the answer to queries with u-umlaut is counted in letters, not bytes: it ends early",
            ),
        ),
        brands=(HiddenBrand("Solvane"), HiddenBrand("Tarnwick")),
        categories=(HiddenCategory("swimsuit", "BADANZ"),),
        attributes=(
            BrokenAttribute("colour", "blue", "sortiert"),
            BrokenAttribute("colour", "black", "sortiert"),
            BrokenAttribute("material", "leather", None, in_catalogue=True),
        ),
        translations=(
            BrokenTranslation("colour", "red", "rosa"),
            BrokenTranslation("material", "wool", "Baumwolle"),
            BrokenTranslation("gender", "girls", None),
        ),
        unknown=("trainers", "jumper", "slacks"),
        values={
            "Solvane": "solvane",
            "Tarnwick": "tarnwick",
            "swimsuit": "badeanzug",
            "blue": "blau",
            "black": "schwarz",
            "leather": "leder",
            "red": "rot",
            "wool": "wolle",
            "girls": "mädchen",
            "trainers": "turnschuhe",
            "jumper": "strickpulli",
            "slacks": "stoffhose",
        },
    ),
)
