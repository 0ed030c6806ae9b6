"""How well two raters agree on grades of 0 to 4."""

from sq_agreement.agreement import GRADES, Agreement, Figure, agreement
from sq_agreement.order import kendall_tau, order_within, tau_of_queries
from sq_agreement.paired import Paired, paired
from sq_agreement.threshold import Threshold, find_threshold

__all__ = [
    "GRADES",
    "Agreement",
    "Figure",
    "Paired",
    "Threshold",
    "agreement",
    "find_threshold",
    "kendall_tau",
    "order_within",
    "paired",
    "tau_of_queries",
]
