"""What kinds of judges can and cannot tell, by the names in their judgments."""

from __future__ import annotations

# Judges that compare words and know nothing of what they mean.
_BY_WORDS = ("baseline", "trained-words")
# Judges that read the lists that some probes read too.
_BY_RULES = (*_BY_WORDS, "trained")


def compares_words(judge: str) -> bool:
    """Whether the judge compares words alone. judge: its name, such as "baseline/1"."""
    return judge.split("/")[0] in _BY_WORDS


def starts_from_rules(judge: str) -> bool:
    """Whether the judge's grades come from sq's rules, or start there."""
    return judge.split("/")[0] in _BY_RULES
