"""The markets of the shop."""

import generate_shop
import pytest


@pytest.fixture
def shop(tmp_path):
    """The configuration of the English market."""
    return generate_shop.english_shop(tmp_path)


@pytest.fixture
def german_shop(shop, tmp_path):
    """The configuration of the German market."""
    return generate_shop.german_shop(tmp_path, shop)
