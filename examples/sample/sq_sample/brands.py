"""Brands of the shop."""

from __future__ import annotations

from sq_sample.words import Word

# Invented: none is a word of either language. "Fenn & Rowe" is two words and a sign, as names of shops are.
BRANDS = tuple(
    Word(name, name, (name.lower(),), weight)
    for name, weight in (
        ("Ostavik", 5.0),
        ("Solvane", 5.0),
        ("Fenn & Rowe", 5.0),
        ("Brannoch", 5.0),
        ("Tarnwick", 5.0),
        ("Velmora", 1.8),
        ("Kestrun", 1.7),
        ("Lumiva", 1.6),
        ("Quillmere", 1.5),
        ("Aldervane", 1.5),
        ("Marisko", 1.4),
        ("Pellaro", 1.4),
        ("Zephyrine", 1.3),
        ("Corvessa", 1.3),
        ("Dunmorra", 1.2),
        ("Ivessa", 1.2),
        ("Jorvane", 1.1),
        ("Rivenna", 1.1),
        ("Umbrielle", 1.0),
        ("Wexcombe", 1.0),
        ("Yarrowby", 1.0),
        ("Belmarsh", 0.9),
        ("Drostan", 0.9),
        ("Evenlode", 0.9),
        ("Glenmarra", 0.9),
    )
)
