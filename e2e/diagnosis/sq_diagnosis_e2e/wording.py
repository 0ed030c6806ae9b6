"""Words that customers and engines share: synonyms, words of intent, spellings of names."""

from __future__ import annotations

from sq_diagnosis_e2e.kinds import KINDS

# As customers type brands that the catalogue writes with a mark.
BRANDS = {
    "StarTech.com": ("startech",),
    "TP-LINK": ("tp link", "tplink"),
    "D-Link": ("d link", "dlink"),
    "Oral-B": ("oral b", "oralb"),
    "Da-Lite": ("da lite", "dalite"),
    "i-tec": ("itec",),
}
INTENT = ("cheap", "best", "buy", "new", "sale", "top", "deals", "affordable", "2020")


def synonym_lines() -> tuple[str, ...]:
    """Lines of synonyms.txt: every other name of a kind stands for the catalogue's name too."""
    return tuple(f"{called} => {called}, {kind.name}" for kind in KINDS for called in kind.called)
