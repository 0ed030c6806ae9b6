"""Words for things that go with another thing: a "laptop bag" is no laptop.

The baseline judge and the probe of accessories both read this list, so the judge cannot contradict the probe. The
report says so.
"""

from __future__ import annotations

_WORDS = {
    "de": """adapter akku batterie etui ersatzteil filter folie gurt halter halterung hülle kabel ladegerät lizenz
    patrone reiniger riemen schutzfolie schutzhülle ständer tasche toner trommel zubehör""",
    "en": """accessory adapter adaptor armband backpack bag basket battery bezel bracket briefcase cable card
    cartridge case charger cleaner clip component connector cooler cooling cord cover cradle drum enclosure fan film
    filter fitting folio grip guard handle holder holster ink inverter kit lens licence license lock mount pad part
    pillow plate pouch privacy protector rack remote ribbon roller service skin sleeve spare stand strap stylus
    support tape tip toner tool tray trolley warranty""",
}


def accessory_words(language: str) -> frozenset[str]:
    """Lemmas of accessory words in a language (ISO 639-1); empty for a language without a list."""
    return frozenset(_WORDS.get(language, "").split())
