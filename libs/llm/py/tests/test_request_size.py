"""The size of requests with and without pictures."""

import pytest

from sq_llm import pictures_in, size_of, texts_of

TEXT = {"role": "user", "content": "größe"}


def request(*parts):
    return {"model": "m", "messages": [TEXT, {"role": "user", "content": list(parts)}]}


def text(words):
    return {"type": "text", "text": words}


def picture(url):
    return {"type": "image_url", "image_url": {"url": url, "detail": "low"}}


def test_text_counts_by_its_bytes():
    plain = {"messages": [TEXT]}
    assert size_of(plain, 7, 1000).input_bytes == len(
        b'{"messages": [{"role": "user", "content": "gr\xc3\xb6\xc3\x9fe"}]}'
    )
    assert size_of(plain, 7).output_tokens == 7


@pytest.mark.parametrize("length", [10, 100_000])
def test_a_picture_counts_by_its_tokens_and_not_by_its_length(length):
    one = size_of(request(text("a"), picture("x" * length)), 0, 85)
    two = size_of(request(text("a"), picture("x" * length), picture("y" * length)), 0, 85)
    assert two.estimate.input_tokens - one.estimate.input_tokens == 85
    assert one.input_bytes < 500


def test_pictures_and_texts_of_a_request():
    made = request(text("a"), picture("x"), text("b"), picture("y"))
    assert pictures_in(made) == 2
    assert pictures_in({"messages": [TEXT]}) == 0
    assert [list(texts_of(message)) for message in made["messages"]] == [["größe"], ["a", "b"]]
