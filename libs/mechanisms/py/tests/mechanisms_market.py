"""A market to try mechanisms on."""

from sq.v1.product_pb2 import Product
from sq.v1.query_pb2 import Query
from sq.v1.tag_pb2 import Tag
from sq_mechanisms import MECHANISMS, Asked, CatalogueWords, Change, Lists, Market

PRODUCTS = [
    Product(product_id=f"{title} {number}", title=title, brand=brand, categories=[category])
    for title, brand, category, count in (
        ("Toner cartridge black", "HP", "Toner", 6),
        ("StarTech.com USB cable 3 m", "StarTech.com", "Cable", 5),
        ("TP-Link router", "TP-Link", "Router", 4),
        ("Acer notebook 15.6 inch", "Acer", "Notebook", 4),
        ("Notebook sleeve for Acer", "Acer", "Sleeve", 4),
        ("Sony wireless headphones", "Sony", "Headphones", 4),
    )
    for number in range(count)
]
LISTS = Lists(
    synonyms={"laptop": ["notebook", "netbook"]},
    dictionary={"drucker": ["printer"], "router": ["fräse"]},
    modifiers=frozenset({"cheap", "best"}),
    accessories=frozenset({"sleeve", "cable"}),
)
ENGLISH = Market("en", CatalogueWords.of(PRODUCTS, "en"), lists=LISTS)
GERMAN = Market(
    "de",
    CatalogueWords.of(
        [Product(product_id=str(n), title=title) for n, title in enumerate(["Notebook schwarz", "Tasche rot"] * 3)],
        "de",
    ),
)


def asked(text: str, total_hits: int = 100, results: str = "", language: str = "en", **fields: object) -> Asked:
    found = [product for product in PRODUCTS if results and results in product.title]
    query = Query(query_id="q", text=text, language=language, **fields)
    return Asked(query, results=found, total_hits=total_hits, top_score=7.5)


def tag(kind: str, value: str, start: int, surface: str = "") -> Tag:
    surface = surface or value
    return Tag(type=kind, value=value, surface=surface, start=start, end=start + len(surface))


def changes(name: str, query: Asked, market: Market = ENGLISH) -> list[Change]:
    return list(MECHANISMS[name].changes(query, market))
