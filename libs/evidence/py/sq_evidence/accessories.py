"""Words for things that go with another thing: a "laptop bag" is no laptop.

The baseline judge and the probe of accessories both read this list, so the judge cannot contradict the probe. The
report says so. The words are those of shops for electronics; a site of another trade gives its own.
"""

from __future__ import annotations

from collections.abc import Iterable

from sq_text import canonical

_WORDS = {
    "de": """adapter akku batterie etui ersatzteil filter folie gurt halter halterung hülle kabel ladegerät lizenz
    patrone reiniger riemen schutzfolie schutzhülle ständer tasche toner trommel zubehör""",
    "en": """accessory adapter adaptor armband backpack bag basket battery bezel bracket briefcase cable card
    cartridge case charger cleaner clip component connector cooler cooling cord cover cradle drum enclosure fan film
    filter fitting folio grip guard handle holder holster ink inverter kit lens licence license lock mount pad part
    pillow plate pouch privacy protector rack remote ribbon roller service skin sleeve spare stand strap stylus
    support tape tip toner tool tray trolley warranty""",
}


def accessory_words(*languages: str, own: Iterable[str] = ()) -> frozenset[str]:
    """Lemmas of accessory words in some languages (ISO 639-1); empty for languages without a list.

    Args:
        own: the site's words, in place of the languages' lists; empty: the site gives none.
    """
    given = {canonical(word, language) for word in own for language in languages}
    return frozenset(given or (word for language in languages for word in _WORDS.get(language, "").split()))
