"""All mechanisms, in the order in which equal gains are attributed."""

from __future__ import annotations

from collections.abc import Sequence

from sq_mechanisms.compound import Compound
from sq_mechanisms.entity import Accessories, Entity
from sq_mechanisms.inflection import Inflection
from sq_mechanisms.matching import Operator
from sq_mechanisms.mechanism import Mechanism
from sq_mechanisms.modifier import Modifier
from sq_mechanisms.spacing import Spacing
from sq_mechanisms.spelling import Spelling
from sq_mechanisms.translation import Translation
from sq_mechanisms.units import Units
from sq_mechanisms.vocabulary import Language, Vocabulary
from sq_stagekit import InputError

MECHANISMS: dict[str, Mechanism] = {
    mechanism.name: mechanism
    for mechanism in (
        Translation(),
        Spelling(),
        Spacing(),
        Compound(),
        Inflection(),
        Units(),
        Language(),
        Vocabulary(),
        Modifier(),
        Operator(),
        Entity(),
        Accessories(),
    )
}


def chosen(names: Sequence[str], field: str) -> list[Mechanism]:
    """The mechanisms of these names in the registry's order; all where none is named.

    Args:
        field: that has the names, for errors.

    Raises:
        InputError: a name that no mechanism has.
    """
    if unknown := [name for name in names if name not in MECHANISMS]:
        raise InputError(field, f"there is no {unknown[0]!r}", f"give some of {', '.join(MECHANISMS)}")
    return [mechanism for name, mechanism in MECHANISMS.items() if not names or name in names]
