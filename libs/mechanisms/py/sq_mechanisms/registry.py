"""All mechanisms, in the order in which equal gains are attributed."""

from __future__ import annotations

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
