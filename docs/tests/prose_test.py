"""Pages are short sentences on short lines."""

from __future__ import annotations

import re

from pages import Page, Sentence, classified, pages, sentences

MAX_LINE = 110
MAX_SENTENCE = 30
MAX_README = 450
# Pages that are rewritten with the code they describe; a page leaves this list when it is.
LATER = re.compile(r"stages/report_py/.*")


def page(text: str) -> Page:
    return Page("page.md", tuple(classified(text)))


def checked() -> list[Page]:
    return [one for one in pages() if not LATER.fullmatch(one.path)]


def test_no_line_is_too_long() -> None:
    found = [
        f"{one.path}:{line.number}: {len(line.text)} characters, at most {MAX_LINE}"
        for one in checked()
        for line in one.lines
        if line.kind != "table" and len(line.text) > MAX_LINE
    ]
    assert not found, "\n".join(found)


def test_no_sentence_is_too_long() -> None:
    found = [
        f"{one.path}:{sentence.line}: {sentence.words} words, at most {MAX_SENTENCE}: {sentence.text[:60]}…"
        for one in checked()
        for sentence in sentences(one)
        if sentence.words > MAX_SENTENCE
    ]
    assert not found, "\n".join(found)


def test_readme_is_short() -> None:
    (readme,) = (one for one in pages() if one.path == "README.md")
    assert readme.words <= MAX_README, f"README.md: {readme.words} words, at most {MAX_README}"


def test_sentences_end_at_stops_items_and_blank_lines() -> None:
    text = "# Title\n\nOne `a. b` two. Three\nfour.\n\n- item 1.5 of\n  two lines\n- other\n\n## More\n\n"
    text += "    code. code\n\n| a | b |\n"
    assert [(one.line, one.words) for one in sentences(page(text))] == [(3, 3), (3, 2), (6, 5), (8, 1)]


def test_links_count_by_their_text() -> None:
    assert list(sentences(page("See [the runbook](docs/runbook.md).\n"))) == [Sentence(1, "See the runbook.")]


def test_code_is_no_prose() -> None:
    kinds = [line.kind for line in page("text\n\n    code\n\n    code\n\n```yaml\na: b\n```\n- item\n  more\n").lines]
    assert kinds == ["prose", "blank", "code", "blank", "code", "blank", "code", "code", "code", "prose", "prose"]
