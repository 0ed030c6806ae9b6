"""Small pictures: an outline in the product's colour, with a pattern for its material."""

from __future__ import annotations

from sq_sample.products import Product

_COLOURS = {
    "black": "#1b1b1f",
    "navy": "#1f2a5a",
    "blue": "#2f6fd0",
    "grey": "#8a8f98",
    "red": "#c8202f",
    "white": "#fafafa",
    "green": "#2e8b57",
    "beige": "#e2d3b5",
    "brown": "#7a4b2a",
    "pink": "#f29cb7",
    "yellow": "#f3cf3a",
    "purple": "#7a4fb5",
    "orange": "#ee7f2d",
    "burgundy": "#6d1a36",
}
_PATTERNS = {
    "cotton": "",
    "polyester": '<path d="M0 0h1v1H0z"/>',
    "linen": '<path d="M0 0h6M0 3h6"/>',
    "wool": '<path d="M0 3l3-3 3 3"/>',
    "cashmere": '<path d="M0 5l3-2 3 2"/>',
    "leather": '<circle cx="3" cy="3" r=".6"/>',
    "suede": '<circle cx="1.5" cy="1.5" r=".4"/><circle cx="4.5" cy="4" r=".4"/>',
    "silk": '<path d="M0 6l6-6"/>',
    "velvet": '<path d="M0 6l6-6M0 3l3-3"/>',
    "denim": '<path d="M0 0l6 6M3 0l3 3"/>',
}


def pictures(products: list[Product]) -> dict[str, bytes]:
    """The SVG of every picture that the products name, by path."""
    return {product.image: _draw(product) for product in products}


def _draw(product: Product) -> bytes:
    fill, pattern = _COLOURS[product.colour.en], _PATTERNS[product.material.en]
    shape = product.category.shape
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" width="128" height="128">'
        '<defs><pattern id="m" width="6" height="6" patternUnits="userSpaceOnUse">'
        f'<g fill="none" stroke="#fff" stroke-opacity=".5">{pattern}</g></pattern></defs>'
        f'<rect width="64" height="64" fill="#eef0f3"/>'
        f'<path d="{shape}" fill="{fill}" stroke="#333" stroke-width=".7"/><path d="{shape}" fill="url(#m)"/></svg>\n'
    ).encode()
