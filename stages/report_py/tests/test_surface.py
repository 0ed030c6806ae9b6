"""A lemma is never shown as a word."""

from synthetic import report
from synthetic_case import Case, Probed

from sq.v1.judgment_pb2 import Reason, ReasonCode
from sq.v1.query_pb2 import Query
from sq.v1.tag_pb2 import Tag
from sq_report.surface import as_typed, commonest_surface

LACKS = ReasonCode.REASON_CODE_TERM_MISSING


def test_words_are_found_by_their_lemma() -> None:
    query = Query(
        text="cables hub", meant_text="adapters", language="en", tags=[Tag(value="t shirt", surface="T-Shirts")]
    )
    assert as_typed(query) == {"cable": "cables", "hub": "hub", "adapter": "adapters", "t shirt": "T-Shirts"}


def test_reasons_name_the_word_that_was_typed() -> None:
    reasons = [Reason(code=LACKS, value="cable"), Reason(code=LACKS, value="unknown")]
    cases = [Case(f"cables {n}", [0, 1], reasons=reasons, probes=[Probed("inflection", [4, 4])]) for n in range(20)]
    (item,) = report(cases).failure_classes
    assert [reason.value for reason in item.examples[0].hits[0].reasons] == ["cables", "unknown"]


def test_the_commonest_spelling_of_a_tag_is_shown() -> None:
    assert commonest_surface([Tag(surface="blaue"), Tag(surface="blau"), Tag(surface="blaue"), Tag()]) == "blaue"
    assert commonest_surface([Tag(surface="b"), Tag(surface="a")]) == "a"
    assert commonest_surface([Tag()]) == ""
