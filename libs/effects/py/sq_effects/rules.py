"""The rule of a mechanism: which change is made for all queries of an item, chosen by cross-fitting."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sq_effects.folds import folds_of
from sq_effects.sample import Sample
from sq_effects.settings import EffectSettings
from sq_effects.trial import Trial
from sq_effects.whole_units import whole

# Of a query that is left as it is.
NO_CHANGE = -1


@dataclass(frozen=True)
class Rules:
    """A trial laid out for choosing rules.

    The rule for the queries of a fold is learned on the other folds (Chernozhukov et al.: Double/debiased machine
    learning, Econometrics Journal 2018), so a change is never credited with the noise that made it look best.
    Items of a listed repair that are large enough learn their own rule: the change with the largest sum, or no
    change. All other queries share one rule, learned on the whole mechanism: the change with the largest sum.

    Attributes:
        values: (eligible, changes) changes of nDCG, 0 where a change does not apply.
        delta: the same in whole units.
        fold: (eligible,); all 0 where there is nothing to choose.
        folds: their number.
        own: positions of the queries of each item that learns its own rule, by item.
        shared: positions of all other queries.
    """

    values: NDArray[np.float64]
    delta: NDArray[np.float64]
    fold: NDArray[np.intp]
    folds: int
    own: dict[str, NDArray[np.intp]]
    shared: NDArray[np.intp]

    @classmethod
    def of(cls, trial: Trial, sample: Sample, settings: EffectSettings) -> Rules:
        own = trial.items(settings.item_minimum) if trial.listed else {}
        chosen = bool(own) or len(trial.changes) > 1
        ids = [sample.query_ids[query] for query in trial.query.tolist()]
        taken = np.concatenate([np.empty(0, dtype=np.intp), *own.values()])
        return cls(
            values=np.nan_to_num(trial.delta),
            delta=whole(trial.delta),
            fold=folds_of(ids, settings.folds) if chosen else np.zeros(len(trial), dtype=np.intp),
            folds=settings.folds if chosen else 1,
            own=own,
            shared=np.setdiff1d(np.arange(len(trial)), taken),
        )

    def by_fold(self) -> NDArray[np.float64]:
        """(eligible, folds, changes): each query's changes in its fold, 0 in the others."""
        spread = np.zeros((len(self.fold), self.folds, self.delta.shape[1]))
        spread[np.arange(len(self.fold)), self.fold] = self.delta
        return spread

    def held_out(self) -> NDArray[np.float64]:
        """(eligible,) change of nDCG of each query under the rule that was learned without its fold."""
        spread = self.by_fold()
        choice = np.full(len(self.fold), NO_CHANGE, dtype=np.intp)
        for rows in self.own.values():
            choice[rows] = best_or_none(learned(spread[rows].sum(axis=0)))[self.fold[rows]]
        choice[self.shared] = best(learned(spread.sum(axis=0)))[self.fold[self.shared]]
        return self._under(choice)

    def suggested(self) -> NDArray[np.intp]:
        """(eligible,) number of the change to suggest for each query's item, learned on all queries, or NO_CHANGE."""
        choice = np.full(len(self.fold), best(self.delta.sum(axis=0)), dtype=np.intp)
        for rows in self.own.values():
            choice[rows] = best_or_none(self.delta[rows].sum(axis=0))
        return choice

    def in_sample(self) -> NDArray[np.float64]:
        """(eligible,) change of nDCG under what is suggested: too good where it had to be chosen."""
        return self._under(self.suggested())

    def _under(self, choice: NDArray[np.intp]) -> NDArray[np.float64]:
        return np.where(choice == NO_CHANGE, 0.0, self.values[np.arange(len(choice)), choice])


def learned(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """(..., folds, changes) sums of each fold into those of all other folds."""
    return sums if sums.shape[-2] == 1 else sums.sum(axis=-2, keepdims=True) - sums


def best(sums: NDArray[np.float64]) -> NDArray[np.intp]:
    """The change with the largest sum, the first of equals."""
    return np.argmax(sums, axis=-1)


def best_or_none(sums: NDArray[np.float64]) -> NDArray[np.intp]:
    """The change with the largest sum, NO_CHANGE where none is above 0."""
    return np.where(sums.max(axis=-1) > 0, best(sums), NO_CHANGE)
