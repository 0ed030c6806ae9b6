"""The rules as judges use them: learn, then match. The baseline judge's tests have every rule."""

from sq.v1.product_pb2 import Product
from sq.v1.query_pb2 import Query
from sq_rules import Rules

PRODUCTS = [
    Product(product_id="1", content_hash="1", title="Acme wireless mouse", brand="Acme"),
    Product(product_id="2", content_hash="2", title="Acme mouse pad", brand="Acme"),
]


def test_an_accessory_of_what_the_query_asks_for_is_irrelevant():
    rules = Rules()
    rules.learn(PRODUCTS, "en")
    query = Query(text="mouse", source_text="mouse", language="en", source_language="en")
    assert [rules.match(query, product).grade for product in PRODUCTS] == [4, 0]
