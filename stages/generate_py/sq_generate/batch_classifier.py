"""Applies a classifier to columns of spellings, and saves work where many spellings are alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import pyarrow
import pyarrow.compute as pc

from sq_generate.alike import word_key
from sq_generate.classifier import Classified, Classifier
from sq_generate.engine import Classify
from sq_generate.junk import LONGEST_QUERY, MOST_WORDS
from sq_ner.tagger import GazetteerTagger
from sq_text import query_form

# Keys of earlier batches, some tens of megabytes.
_MOST_KEPT = 100_000
# Before the key of a query that is like no other. No key of words begins with it.
_ALONE = "\0"


def batch_classifier(classifier: Classifier) -> Classify:
    """The classifier for columns. A service may tag two queries differently that a gazetteer tags alike."""
    if isinstance(classifier.tagger, GazetteerTagger):
        return AlikeClassifier(classifier, classifier.tagger.knows)
    return EachClassifier(classifier)


class EachClassifier:
    """Classifies each spelling. Implements Classify."""

    def __init__(self, classify: Callable[[list[str]], Iterable[Classified]]) -> None:
        self._classify = classify

    def __call__(self, spellings: pyarrow.Array) -> pyarrow.RecordBatch:
        found = list(self._classify(spellings.to_pylist()))
        return _batch(
            _strings(item.text for item in found),
            _strings(item.junk for item in found),
            _strings(item.segment_id for item in found),
        )


class AlikeClassifier:
    """Classifies one of the spellings that are alike, and copies the answer. Implements Classify.

    "red shirt 4711" and "red shirt 4712" are alike if the gazetteer knows neither number. See alike.word_key.
    """

    def __init__(self, classifier: Classifier, knows: Callable[[str], bool]) -> None:
        self._classifier = classifier
        self._knows = knows
        self._found: dict[str, tuple[str, str]] = {}

    def __call__(self, spellings: pyarrow.Array) -> pyarrow.RecordBatch:
        texts, keys = self._texts_and_keys(spellings)
        encoded = keys.dictionary_encode()
        found = self._answers(encoded.dictionary.to_pylist(), texts.take(_first_rows(encoded.indices)).to_pylist())
        junk, segments = _strings(junk for junk, _ in found), _strings(segment for _, segment in found)
        return _batch(texts, junk.take(encoded.indices), segments.take(encoded.indices))

    def _texts_and_keys(self, spellings: pyarrow.Array) -> tuple[pyarrow.Array, pyarrow.Array]:
        """The normal form and the key of each spelling. Most spellings are their own normal form."""
        keys = self._keys(spellings)
        others = pc.is_null(keys)
        forms = _strings(query_form(spelling) for spelling in spellings.filter(others).to_pylist())
        alone = pc.binary_join_element_wise(_ALONE, forms, "")
        keys = pc.replace_with_mask(keys, others, pc.coalesce(self._keys(forms), alone))
        return pc.replace_with_mask(spellings, others, forms), keys

    def _keys(self, texts: pyarrow.Array) -> pyarrow.Array:
        """The keys of the words of each text, between spaces; null where a text is like no other."""
        words = pc.split_pattern(texts, " ")
        encoded = words.flatten().dictionary_encode()
        by_word = _strings(word_key(word, self._knows) for word in encoded.dictionary.to_pylist())
        keys = pyarrow.ListArray.from_arrays(words.offsets, by_word.take(encoded.indices))
        short = pc.and_(
            pc.less_equal(pc.utf8_length(texts), LONGEST_QUERY), pc.less_equal(pc.list_value_length(words), MOST_WORDS)
        )
        return pc.if_else(short, pc.binary_join(keys, " "), pyarrow.scalar(None, pyarrow.string()))

    def _answers(self, keys: list[str], texts: list[str]) -> list[tuple[str, str]]:
        """Junk and segment of each key, of which texts are examples."""
        if len(self._found) > _MOST_KEPT:
            self._found.clear()
        new = [number for number, key in enumerate(keys) if key not in self._found]
        answers = self._classifier([texts[number] for number in new])
        found = {keys[number]: (item.junk, item.segment_id) for number, item in zip(new, answers, strict=True)}
        answered = [found.get(key) or self._found[key] for key in keys]
        self._found |= {key: answer for key, answer in found.items() if not key.startswith(_ALONE)}
        return answered


def _first_rows(codes: pyarrow.Array) -> np.ndarray:
    """The first row of each code from 0."""
    return np.unique(codes.to_numpy(), return_index=True)[1]


def _strings(values: Iterable[str | None]) -> pyarrow.Array:
    return pyarrow.array(list(values), pyarrow.string())


def _batch(texts: pyarrow.Array, junk: pyarrow.Array, segments: pyarrow.Array) -> pyarrow.RecordBatch:
    return pyarrow.record_batch({"text": texts, "junk": junk, "segment_id": segments})
