"""What a query asks for: its tags, and the words that no tag covers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sq.v1.query_pb2 import Query
from sq.v1.tag_pb2 import Tag
from sq_text import Token, content_tokens, lemma, lemmas, stop_words


def intended_tags(query: Query) -> Sequence[Tag]:
    """The tags that the customer meant, in the market's language."""
    return query.intended_tags or query.tags


def uncovered(text: str, tags: Iterable[Tag], language: str, extra_stop_words: Iterable[str] = ()) -> list[Token]:
    """Words of a text that no tag covers, without stop words.

    Args:
        tags: with offsets in code points of this text.
        extra_stop_words: normalised; added to those of the language.
    """
    spans = [(tag.start, tag.end) for tag in tags]
    ignored = stop_words(language) | frozenset(extra_stop_words)
    return [
        token
        for token in content_tokens(text, language, ignored)
        if not any(token.start < end and start < token.end for start, end in spans)
    ]


def meant_words(query: Query) -> list[str]:
    """Lemmas of the words that the customer asked for besides the tags, in the market's language.

    Leaves out a word of a lost tag that is still in the translation: the tag itself represents it.
    """
    if query.translated and not uncovered(query.source_text, query.source_tags, query.source_language):
        return []
    if query.meant_text:
        return _meant_beside_tags(query)
    words = [lemma(token.text, query.language) for token in uncovered(query.text, query.tags, query.language)]
    if not query.translated:
        return words
    tagged = {word for tag in query.source_tags for word in tag.surface.split()}
    tagged_lemmas = {lemma(word, query.language) for word in tagged}
    return [word for word in words if word not in tagged_lemmas]


def _meant_beside_tags(query: Query) -> list[str]:
    """Lemmas of meant_text that no intended tag stands for.

    Compares words and not offsets, because those of a translated query's tags are of its source text.
    """
    tags = intended_tags(query)
    tagged = {word for tag in tags for word in tag.value.split()}
    tagged.update(lemmas(" ".join(f"{tag.surface} {tag.value}" for tag in tags), query.language))
    tokens = content_tokens(query.meant_text, query.language, stop_words(query.language))
    return [word for token in tokens if (word := lemma(token.text, query.language)) not in tagged]
