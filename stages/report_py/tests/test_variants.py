"""Near-duplicates: which pairs are told apart, and what is reported of a ranking."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from re import findall

import pytest
from synthetic import HASH, records, report
from synthetic_case import Case, Probed

from sq.v1.product_pb2 import Attribute, Product
from sq.v1.report_pb2 import MarketReport
from sq.v1.source_pb2 import Catalogue
from sq.v1.variants_pb2 import VariantKind
from sq_report.market_report import report_market
from sq_report.resemblance import VARIANT, colour_words, features, relisted, resemblance
from sq_report.settings import Settings
from sq_source import read_catalogue


def product(title: str, brand: str = "Velmora", description: str = "", **stated: str) -> Product:
    tags = {"colour": "COLOUR", "size": "SIZE"}
    return Product(
        product_id=title,
        content_hash=HASH,
        title=title,
        brand=brand,
        description=description,
        attributes=[
            Attribute(name=name, values=[value], tag_type=tags.get(name, "")) for name, value in sorted(stated.items())
        ],
    )


def dress(title: str, colour: str, material: str = "linen", brand: str = "Velmora") -> Product:
    return product(f"{brand} women's {title}", brand, colour=colour, material=material)


def scarf(colour: str, partner: str) -> Product:
    described = f"Scarf. Made to last. Pairs well with our {partner}."
    stated = {"colour": colour, "material": "wool", "gender": "men", "season": "winter"}
    return product(f"Ostavik men's {colour} scarf", "Ostavik", described, **stated)


DRESS = dress("navy linen dress, striped", "navy")

# (one, other, are they variants)
PAIRS: Mapping[str, tuple[Product, Product, bool]] = {
    "another colour": (DRESS, dress("red linen dress, striped", "red"), True),
    "a colour that the other product states": (DRESS, product(DRESS.title), True),
    "listed again": (DRESS, DRESS, True),
    "another material": (DRESS, dress("navy silk dress, striped", "navy", "silk"), False),
    "another pattern": (DRESS, dress("navy linen dress, floral", "navy"), False),
    "no pattern": (DRESS, dress("navy linen dress", "navy"), False),
    "another brand": (DRESS, product(DRESS.title, "Ostavik", colour="navy", material="linen"), False),
    "another thing": (DRESS, dress("navy linen skirt, striped", "navy"), False),
    "another word in the description": (scarf("blue", "trousers"), scarf("red", "dress"), True),
    "another length": (product("Patch cable Cat6, 10 m"), product("Patch cable Cat6, 0.5m"), True),
    "another capacity": (product("EVO USB stick 16 GB"), product("EVO USB stick 32GB"), True),
    "another screen": (product('Sleeve 13.3" black'), product('Sleeve 15.6" black'), True),
    "another pack": (product("Cyan ink 83 1 pc(s)"), product("Cyan ink 83 3 pc(s)"), True),
    "another model": (product("HP 301 ink"), product("HP 302 ink"), False),
    "another model by letters and digits": (product("Designjet T610"), product("Designjet T1100ps"), False),
    "a number without a unit": (product("iPhone 12 case"), product("iPhone 13 case"), False),
    "another mounting, the same title": (
        product("Flat screen desk mount", mounting="clamp", tilt="180", colour="silver"),
        product("Flat screen desk mount", mounting="freestanding", tilt="90", colour="black"),
        False,
    ),
    "nothing but a colour": (product("Navy", colour="navy"), product("Red", colour="red"), False),
}


@pytest.mark.parametrize("case", PAIRS)
def test_variants_are_told_from_other_products(case: str) -> None:
    one, other, expected = PAIRS[case]
    colours = colour_words([one, other])
    first, second = features(one, colours), features(other, colours)
    assert (resemblance(first, second) >= VARIANT) == expected
    assert resemblance(first, second) == resemblance(second, first)


# Pairs of the Chorus catalogue, told by hand from title, attributes and description: the same product in another
# colour, size, length, capacity or pack, or listed again …
SAME = findall(
    r"\d+-\d+",
    """
    3149243-3149246 78872339-78872377 1686261-1690843 78586712-78712152 77290103-77290363 56455-849992 2276285-2824191
    1229109-1229130 1749476-1749485 137317-137507 148110-148113 137022-137550 137111-137604 3864727-3864730
    77218107-77218110 3554480-463091 2292083-3640482 3469881-3469903 1659498-1661107 2120363-2120318 1377220-2054249
    1700-1830 77191559-77191560 1315463-894578 77489235-77679322""",
)
# … and other products, however much alike: another mounting, model, motif, language or finish.
OTHER = findall(
    r"\d+-\d+",
    """94281-94298 94327-94308 3663756-3711926 114065-869707 3899559-3902727 3902597-3902727 79013625-79013677
    94328-94367 13166-3024623 695163-738438 894579-94284 78690927-78690942 78690938-78690942 1129038-3849582
    876256-94279 282385-713302 1627825-1726663 102456-271529 20761-98882 858045-891997 1579224-1579186""",
)
# "Laptop privacy filter screen" of 15 inches and "Laptop privacy filter" of 17: the same, and missed.
MISSED = ["1418539-1418540"]


@pytest.fixture(scope="module")
def chorus() -> dict[str, Product]:
    data = Path(
        os.environ.get("SQ_SHARED_DATA") or Path(os.environ.get("BUILD_WORKSPACE_DIRECTORY", ".")) / "../shared/data"
    )
    catalogue = data / "chorus/products.ndjson.gz"
    if not catalogue.exists():
        pytest.skip(f"the Chorus catalogue is not on this machine: no {catalogue}; SQ_SHARED_DATA names its folder")
    return {one.product_id: one for one in read_catalogue(Catalogue(uri=str(catalogue)), "catalogue")}


def test_pairs_told_by_hand(chorus: dict[str, Product]) -> None:
    colours = colour_words(chorus.values())

    def found(pairs: list[str]) -> set[str]:
        drawn = {pair: [features(chorus[one], colours) for one in pair.split("-")] for pair in pairs}
        return {pair for pair, (one, other) in drawn.items() if resemblance(one, other) >= VARIANT}

    assert found(SAME) == set(SAME)
    assert found(OTHER) == set()
    assert found(MISSED) == set()


def test_relisted_is_what_no_colour_or_size_tells_apart() -> None:
    small, large = product("Wool hat", size="S"), product("Wool hat", size="L")
    hat = features(small, frozenset())
    assert relisted(hat, features(product("Wool hat"), frozenset()))
    assert not relisted(hat, features(large, frozenset()))


def retitled(cases: list[Case], titles: dict[str, list[str]], k: int = 10) -> MarketReport:
    made = records(cases)
    for record in made.retrieval:
        for case in cases:
            if record.product.product_id in case.product_ids():
                record.product.title = titles[case.text][case.product_ids().index(record.product.product_id)]
    return report_market("uk", made.read(), Settings(k=k))


def test_each_result_is_held_against_those_above() -> None:
    case = Case("hat", [4, 3, 3, 2])
    made = retitled([case], {"hat": ["Wool hat 20 cm", "Straw hat", "Wool hat 30 cm", "Wool hat 20 cm"]})
    (score,) = made.queries
    assert score.variants == 2
    (shown,) = made.variant_examples
    assert (shown.rank, shown.of_rank, shown.kind) == (3, 1, VariantKind.VARIANT_KIND_VARIANT)
    assert (shown.title, shown.of_title) == ("Wool hat 30 cm", "Wool hat 20 cm")
    assert made.overall.variant_share.value == pytest.approx(0.5)


def test_only_results_down_to_k_count() -> None:
    titles = {"hat": ["Wool hat", "Straw hat", "Wool hat"]}
    assert retitled([Case("hat", [4, 3, 3])], titles, k=2).queries[0].variants == 0
    assert retitled([Case("hat", [4, 3, 3])], titles, k=3).queries[0].variants == 1


def test_queries_without_results_have_no_share() -> None:
    made = report([Case("a one", [4, 4]), Case("b two", [])])
    assert [score.variants for score in made.queries] == [0, 0]
    assert made.overall.variant_share.queries == 1


def test_classes_have_the_share_of_their_queries() -> None:
    cases = [Case(f"a {n}", [0, 0], probes=[Probed("inflection", [4])]) for n in range(12)]
    cases += [Case(f"b {n}", [4, 4]) for n in range(8)]
    titles = {case.text: ["Wool hat", "Wool hat" if case.probes else "Straw hat"] for case in cases}
    (found,) = retitled(cases, titles).failure_classes
    assert found.class_id == "MECHANISM/inflection"
    assert found.variant_share == pytest.approx(0.5)
