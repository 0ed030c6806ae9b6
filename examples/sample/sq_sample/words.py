"""The shop's own words, in the languages of its two markets."""

from __future__ import annotations

from dataclasses import dataclass

LANGUAGES = ("en", "de")


@dataclass(frozen=True)
class Word:
    """A value of the catalogue in both languages, and what English-speaking customers type for it.

    Attributes:
        asked: spellings in queries, the most usual first; the English value where empty.
        weight: how much more often than others it is made and asked for.
    """

    en: str
    de: str
    asked: tuple[str, ...] = ()
    weight: float = 1.0

    def value(self, language: str) -> str:
        return self.de if language == "de" else self.en

    @property
    def spellings(self) -> tuple[str, ...]:
        return self.asked or (self.en,)


@dataclass(frozen=True)
class Category(Word):
    """A kind of product.

    Attributes:
        materials: English values, the most usual first.
        sizes: the sizes it comes in; none for one that has no sizes.
        shape: outline of its picture, an SVG path in a square of 64.
    """

    materials: tuple[str, ...] = ()
    genders: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    shape: str = ""


_LETTERS = ("xs", "m", "l", "xl", "xxl")
_WAIST = ("28", "30", "32", "34", "36")
_SHOE = ("37", "38", "39", "40", "41", "42", "43", "44")
_ADULTS = ("women", "men")
_ALL = ("women", "men", "girls", "boys")
_FEMALE = ("women", "girls")

_TOP = "M20 12L8 20l5 10 5-3v27h28V27l5 3 5-10-12-8c-4 6-16 6-24 0z"
_OUTER = "M20 10L6 22l4 28h7V28v28h13V20h4v36h13V28v22h7l4-28-14-12c-4 5-16 5-24 0z"
_DRESS = "M24 8h5l3 5 3-5h5v14l12 34H12l12-34z"
_SKIRT = "M22 14h20l12 38H10z"
_LEGS = "M18 8h28l4 48H37l-5-32-5 32H14z"
_SHORT_LEGS = "M16 16h32l5 28H37l-5-14-5 14H11z"
_ONE_PIECE = "M22 8h5c0 8 10 8 10 0h5v16l4 16-9 16H27l-9-16 4-16z"
_SOCKS = "M24 8h14v28l10 10c4 5-2 10-8 8L26 44c-2-2-2-6-2-8z"
_SCARF = "M18 10h28v12H30l4 32H22l-6-34z"
_GLOVE = "M22 56V32l-8-8 4-4 6 6V10h5v14h3V8h5v16h3V12h5v44z"
_BELT = "M6 26h52v12H6zM26 22h14v20H26z"
_BOOT = "M22 8h16v28l14 8c4 2 4 10 0 10H22z"
_SANDAL = "M8 40l10-4 14-18 8 6-8 12 24 6v8H8z"
_SNEAKER = "M8 28l12 2 12-10 6 8 18 8v12H8z"
_BACKPACK = "M20 20c0-14 24-14 24 0l6 6v30H14V26z"
_HANDBAG = "M22 24c0-18 20-18 20 0h10l4 30H8l4-30z"

CATEGORIES = (
    Category(
        "dress",
        "Kleid",
        ("dress", "dresses"),
        2.4,
        ("cotton", "linen", "silk", "wool", "velvet"),
        _FEMALE,
        _LETTERS,
        _DRESS,
    ),
    Category(
        "shirt", "Hemd", ("shirt", "shirts"), 2.2, ("cotton", "linen", "silk", "denim", "wool"), _ALL, _LETTERS, _TOP
    ),
    Category("sneakers", "Sneaker", ("sneakers",), 2.2, ("leather", "suede", "cotton", "linen"), _ALL, _SHOE, _SNEAKER),
    Category(
        "jacket",
        "Jacke",
        ("jacket", "jackets"),
        2.0,
        ("leather", "denim", "cotton", "linen", "wool"),
        _ALL,
        _LETTERS,
        _OUTER,
    ),
    Category("trousers", "Hose", ("trousers",), 2.0, ("cotton", "linen", "wool", "leather"), _ALL, _WAIST, _LEGS),
    Category(
        "sweater",
        "Pullover",
        ("sweater", "sweaters"),
        2.0,
        ("wool", "cashmere", "cotton", "linen"),
        _ALL,
        _LETTERS,
        _TOP,
    ),
    Category("jeans", "Jeans", ("jeans",), 1.8, ("denim", "cotton"), _ALL, _WAIST, _LEGS),
    Category("boots", "Stiefel", ("boots",), 1.8, ("leather", "suede", "polyester"), _ALL, _SHOE, _BOOT),
    Category(
        "coat", "Mantel", ("coat", "coats"), 1.6, ("wool", "cashmere", "leather", "cotton"), _ALL, _LETTERS, _OUTER
    ),
    Category(
        "handbag",
        "Handtasche",
        ("handbag", "handbags"),
        1.6,
        ("leather", "suede", "linen", "velvet"),
        ("women",),
        (),
        _HANDBAG,
    ),
    Category(
        "skirt",
        "Rock",
        ("skirt", "skirts"),
        1.5,
        ("cotton", "linen", "leather", "wool", "silk"),
        _FEMALE,
        _LETTERS,
        _SKIRT,
    ),
    Category("blouse", "Bluse", ("blouse", "blouses"), 1.5, ("silk", "cotton", "linen"), _FEMALE, _LETTERS, _TOP),
    Category("hoodie", "Hoodie", ("hoodie", "hoodies"), 1.5, ("cotton", "polyester", "wool"), _ALL, _LETTERS, _TOP),
    Category(
        "shorts", "Shorts", ("shorts",), 1.4, ("cotton", "linen", "denim", "polyester"), _ALL, _WAIST, _SHORT_LEGS
    ),
    Category(
        "cardigan",
        "Strickjacke",
        ("cardigan", "cardigans"),
        1.3,
        ("wool", "cashmere", "cotton"),
        _ALL,
        _LETTERS,
        _OUTER,
    ),
    Category(
        "blazer", "Blazer", ("blazer", "blazers"), 1.3, ("wool", "linen", "cotton", "velvet"), _ADULTS, _LETTERS, _OUTER
    ),
    Category("sandals", "Sandalen", ("sandals",), 1.3, ("leather", "suede"), _ALL, _SHOE, _SANDAL),
    Category(
        "backpack", "Rucksack", ("backpack", "backpacks"), 1.2, ("polyester", "leather", "cotton"), _ALL, (), _BACKPACK
    ),
    Category(
        "waistcoat",
        "Weste",
        ("waistcoat", "waistcoats"),
        1.4,
        ("wool", "linen", "silk", "cotton"),
        _ADULTS,
        _LETTERS,
        _OUTER,
    ),
    Category(
        "swimsuit", "Badeanzug", ("swimsuit", "swimsuits"), 1.4, ("polyester", "cotton"), _FEMALE, _LETTERS, _ONE_PIECE
    ),
    Category("pyjamas", "Schlafanzug", ("pyjamas",), 1.1, ("cotton", "silk", "linen"), _ALL, _LETTERS, _TOP),
    Category("gloves", "Handschuhe", ("gloves",), 1.0, ("leather", "wool", "cashmere", "suede"), _ADULTS, (), _GLOVE),
    Category("scarf", "Schal", ("scarf", "scarves"), 1.0, ("wool", "cashmere", "silk", "linen"), _ADULTS, (), _SCARF),
    Category("belt", "Gürtel", ("belt", "belts"), 1.0, ("leather", "suede", "cotton"), _ADULTS, (), _BELT),
    Category("socks", "Socken", ("socks",), 1.0, ("cotton", "wool", "polyester"), _ALL, (), _SOCKS),
)

COLOURS = (
    Word("black", "schwarz", weight=8),
    Word("navy", "marineblau", weight=8),
    Word("blue", "blau", weight=8),
    Word("grey", "grau", weight=8),
    Word("red", "rot", weight=6),
    Word("white", "weiß", weight=6),
    Word("green", "grün", weight=5),
    Word("beige", "beige"),
    Word("brown", "braun"),
    Word("pink", "rosa", weight=2),
    Word("yellow", "gelb"),
    Word("purple", "lila"),
    Word("orange", "orange"),
    Word("burgundy", "bordeaux"),
)

MATERIALS = (
    Word("cotton", "Baumwolle"),
    Word("linen", "Leinen", weight=1.6),
    Word("wool", "Wolle", weight=1.3),
    Word("leather", "Leder", weight=2.2),
    Word("silk", "Seide"),
    Word("denim", "Denim"),
    Word("polyester", "Polyester"),
    Word("velvet", "Samt", weight=0.7),
    Word("cashmere", "Kaschmir"),
    Word("suede", "Wildleder", weight=0.8),
)

GENDERS = (
    Word("women", "Damen", ("womens", "women's", "women"), 5),
    Word("men", "Herren", ("mens", "men's", "men"), 4),
    Word("girls", "Mädchen", ("girls",), 3),
    Word("boys", "Jungen", ("boys",), 2),
)

FEATURES = (
    Word("striped", "gestreift"),
    Word("floral", "geblümt"),
    Word("checked", "kariert"),
    Word("embroidered", "bestickt"),
    Word("waterproof", "wasserdicht"),
    Word("reversible", "zweiseitig"),
)
