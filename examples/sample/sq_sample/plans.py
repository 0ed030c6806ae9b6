"""What is planted in which market of the sample."""

from __future__ import annotations

from sq_sample.planting import BrokenAttribute, BrokenTranslation, EndpointFault, Plan

NOTHING = (Plan("uk", "en"), Plan("de", "de"))

EVERYTHING = (
    Plan(
        "uk",
        "en",
        endpoint=(
            EndpointFault(
                name="MALFORMED",
                pattern="&",
                status=200,
                truncate=True,
                says="",
                touches=lambda search: "&" in search.text,
                why="the answer to queries with an ampersand ends in the middle",
            ),
        ),
        unstemmed=True,
        misspelt=True,
        intents_required=True,
        unsearched="brand",
        unknown=("trainers", "jumper", "slacks"),
    ),
    Plan(
        "de",
        "de",
        endpoint=(
            EndpointFault(
                name="REFUSED",
                pattern=r"\d",
                status=400,
                truncate=False,
                says="number_format_exception: failed to parse a number for field [price]",
                touches=lambda search: any(letter.isdigit() for letter in search.text),
                why="the endpoint answers 400 to queries with a number",
            ),
        ),
        whole_compounds=True,
        attributes=(BrokenAttribute("colour", "black"),),
        translations=(
            BrokenTranslation("colour", "red", "rosa"),
            BrokenTranslation("gender", "girls", None),
            BrokenTranslation("category", "belt", "Riemen"),
        ),
        values={"black": "schwarz"},
    ),
)
