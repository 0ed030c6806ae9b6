"""What each mechanism suggests to paste."""

import json
import re

import pytest

from sq_mechanisms import MECHANISMS


def test_every_claimed_field_has_a_boost_to_paste() -> None:
    text = "\n".join(each.text for each in MECHANISMS["entity"].suggestions(["CATEGORY", "BRAND"], "en"))
    assert "<your category field>.whole" in text
    assert '"<your brand field>": {' in text


def test_accessories_are_lowered_by_the_words_that_were_tried() -> None:
    opensearch, solr = MECHANISMS["accessories"].suggestions(["accessories"], "en")
    for word in ("sleeve", "case", "cable"):
        assert word in opensearch.text
        assert word in solr.text
    assert "name none of these words" in opensearch.text


def test_a_word_delimiter_keeps_the_parts_of_a_name_that_customers_type() -> None:
    opensearch, solr, _ = MECHANISMS["spacing"].suggestions(["startech → startech.com"], "en")
    assert '"split_on_case_change": false' in opensearch.text
    assert 'splitOnCaseChange="0"' in solr.text


def test_names_without_a_mark_need_a_list() -> None:
    (aliases,) = MECHANISMS["spacing"].suggestions(["memorycard → memory card"], "en")
    assert "memorycard, memory card" in aliases.text
    opensearch, _, _ = MECHANISMS["spacing"].suggestions(["memorycard → memory card", "dlink → d-link"], "en")
    assert "memorycard → memory card need the list" in opensearch.text


def test_a_repair_of_spelling_changes_nothing_for_queries_that_find_something() -> None:
    opensearch, *_ = MECHANISMS["spelling"].suggestions(["keybord → keyboard"], "en")
    assert "fuzziness" not in opensearch.text
    assert '"suggest_mode": "missing"' in opensearch.text


def test_quantities_are_normalised_before_words_are_parted_and_lowered() -> None:
    opensearch, _ = MECHANISMS["units"].suggestions([], "en")
    body = json.loads(opensearch.text.partition("\n")[2])
    (rule,) = body["analysis"]["char_filter"].values()
    assert re.sub(rule["pattern"], r"\1\2", "Stick 4 GB, 3 m") == "Stick 4GB, 3m"


@pytest.mark.parametrize("name", MECHANISMS)
def test_every_mechanism_says_what_to_paste(name: str) -> None:
    texts = MECHANISMS[name].suggestions(["a → b"], "en")
    assert texts
    assert all(suggestion.text.strip() and suggestion.engine in ("OpenSearch", "Solr", "any") for suggestion in texts)
