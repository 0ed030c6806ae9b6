"""Cutting texts into batches."""

from hypothesis import given
from hypothesis import strategies as st

from sq_ner.batches import batches


@given(st.lists(st.text(max_size=9)), st.integers(1, 4), st.integers(1, 90))
def test_batches_contain_every_text_in_order_within_their_limits(texts, max_texts, max_bytes):
    found = list(batches(texts, max_texts, max_bytes))
    assert [text for batch in found for text in batch] == texts
    for batch in found:
        assert 1 <= len(batch) <= max_texts
        assert len(batch) == 1 or sum(len(text.encode()) for text in batch) <= max_bytes
