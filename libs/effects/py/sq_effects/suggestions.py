"""What to tell the reader to change."""

from __future__ import annotations

from sq_effects.rules import NO_CHANGE, Rules
from sq_effects.sample import Sample
from sq_effects.settings import EffectSettings
from sq_effects.trial import Trial


def suggestions(trial: Trial, sample: Sample, settings: EffectSettings) -> dict[str, str | None]:
    """The change to make for each item, learned on all queries; None where the item is better left as it is."""
    choices = Rules.of(trial, sample, settings).suggested().tolist()
    by_item = dict(zip(trial.item, choices, strict=True))
    return {item: None if by_item[item] == NO_CHANGE else trial.changes[by_item[item]] for item in sorted(by_item)}
