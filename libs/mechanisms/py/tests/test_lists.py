"""Lists of words as a site gives them."""

from __future__ import annotations

from pathlib import Path

import pytest

from sq.v1.product_pb2 import Product
from sq.v1.query_pb2 import Query
from sq.v1.source_pb2 import MarketWords
from sq_mechanisms import CatalogueWords, Lists, Market
from sq_mechanisms.lists import read_lists
from sq_mechanisms.meant import meant_text
from sq_stagekit import InputError


def written(folder: Path, text: str) -> str:
    path = folder / "list.txt"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_synonyms_in_solrs_format(tmp_path: Path) -> None:
    uri = written(tmp_path, "# ours\nNotebook, Laptop\ntv, telly => television\n\n")
    assert read_lists(MarketWords(synonyms_uri=uri), "en").synonyms == {
        "notebook": ["laptop"],
        "laptop": ["notebook"],
        "tv": ["television"],
        "telly": ["television"],
    }


@pytest.mark.parametrize(("text", "said"), [("alone\n", "list.txt:1"), ("a, b\n=> c\n", "list.txt:2")])
def test_a_line_without_a_synonym_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError) as error:
        read_lists(MarketWords(synonyms_uri=written(tmp_path, text)), "en")
    assert said in str(error.value)


def test_a_dictionary_needs_its_columns(tmp_path: Path) -> None:
    good = read_lists(MarketWords(dictionary_uri=written(tmp_path, "source,target\nDrucker,printer\n")), "en")
    assert good.dictionary == {"drucker": ["printer"]}
    with pytest.raises(InputError, match="source and target"):
        read_lists(MarketWords(dictionary_uri=written(tmp_path, "de,en\nDrucker,printer\n")), "en")


def test_the_languages_own_words_are_there() -> None:
    lists = read_lists(MarketWords(modifiers=["Ökostrom"]), "de")
    assert {"billig", "ökostrom"} <= lists.modifiers
    assert {"tasche", "hülle"} <= lists.accessories


def test_a_sites_accessory_words_replace_those_of_the_language() -> None:
    assert read_lists(MarketWords(accessory_words=["Sattelhüllen", "Hüllen"]), "de").accessories == {
        "sattelhüllen",
        "hülle",
    }


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("laptop", "notebook"),
        ("cheap notebook", "notebook"),
        ("wirless notebook", "wireless notebook"),
        ("notebook", ""),
        ("quasar", ""),
    ],
)
def test_the_words_that_were_meant(text: str, meant: str) -> None:
    products = [Product(title="Wireless notebook")] * 3
    market = Market(
        "en",
        CatalogueWords.of(products, "en"),
        lists=Lists(synonyms={"laptop": ["notebook"]}, modifiers=frozenset({"cheap"})),
    )
    assert meant_text(Query(text=text, language="en"), market) == meant


def test_a_list_that_is_too_large_is_refused(tmp_path):
    path = tmp_path / "synonyms.txt"
    with path.open("wb") as file:
        line = b"tv, television, " + b"x" * 1_000_000 + b"\n"
        file.writelines([line] * 68)
    with pytest.raises(InputError, match="is larger than 64 MiB"):
        read_lists(MarketWords(synonyms_uri=str(path)), "en")
