"""A finding in the words of the page: what it is, what it is worth, and what to do."""

from __future__ import annotations

from sq.v1.report_pb2 import Estimate, FailureClass, FailureKind
from sq_mechanisms import MECHANISMS
from sq_report.not_sold import TITLES
from sq_report.ranking import BY_KNOWN_PRODUCTS
from sq_text import count_of


def points(share: float) -> str:
    """nDCG of 0..1 as points of 100."""
    return f"{100 * share:.1f}"


def point_estimate(item: Estimate) -> str:
    """Points of nDCG with their interval, where the sample is large enough for one."""
    interval = f" [{points(item.low)}, {points(item.high)}]" if item.claimed else ""
    return f"{points(item.value)}{interval}"


def mechanism(name: str) -> str:
    """What a mechanism finds, in a clause; its name where a shop added it without a title."""
    found = MECHANISMS.get(name)
    return found.title if found else name


def class_title(item: FailureClass) -> str:
    """The whole name of a class."""
    return {
        FailureKind.FAILURE_KIND_MECHANISM: _claimed(item),
        FailureKind.FAILURE_KIND_RETRIEVAL_FAILED: f"The search engine does not answer: {_lower(item.value)}",
        FailureKind.FAILURE_KIND_UNSEARCHED_FIELD: f"The field “{item.value}” does not find its products",
        FailureKind.FAILURE_KIND_MISSING_PRODUCTS: "Products of the catalogue are not in the index",
        FailureKind.FAILURE_KIND_DATA_GAP: f"Product data lack {item.tag_type} {item.value}",
        FailureKind.FAILURE_KIND_NOT_SOLD: TITLES.get(item.class_id, item.class_id),
    }.get(item.kind, item.class_id)


def _claimed(item: FailureClass) -> str:
    """A mechanism's finding, and the parts of it that are claimed where the whole is not; the headline begins so."""
    found = mechanism(item.mechanism)
    parts = item.headline[len(found) :].partition(": ")[0] if item.headline.startswith(found) else ""
    return f"{found}{parts}"


def worth(item: FailureClass) -> str:
    """What a repair wins back, or what is lost."""
    if item.kind == FailureKind.FAILURE_KIND_MECHANISM:
        return f"wins back at least {point_estimate(item.gain)} points of nDCG"
    if item.kind == FailureKind.FAILURE_KIND_RETRIEVAL_FAILED:
        return f"loses {100 * item.loss.value:.1f}% of the traffic"
    if item.traffic_share and item.kind in (FailureKind.FAILURE_KIND_DATA_GAP, *BY_KNOWN_PRODUCTS):
        return f"concerns {100 * item.traffic_share:.1f}% of the traffic"
    return "its gain is not measured"


def affected(item: FailureClass) -> str:
    """How many queries get better and worse, or how many are concerned."""
    if item.kind == FailureKind.FAILURE_KIND_MECHANISM:
        return f"{item.better} of {count_of(item.eligible_queries)} better, {item.worse} worse"
    if item.kind in BY_KNOWN_PRODUCTS:
        return count_of(item.queries, "search for known products", "searches for known products")
    return count_of(item.queries)


def deed(item: FailureClass) -> str:
    """What to do, in a few words."""
    if item.kind == FailureKind.FAILURE_KIND_MECHANISM:
        repair = MECHANISMS[item.mechanism].repair if item.mechanism in MECHANISMS else "make the change that was tried"
        return f"{repair[:1].upper()}{repair[1:]}."
    if item.kind == FailureKind.FAILURE_KIND_RETRIEVAL_FAILED:
        return "Repair the search endpoint; its own reason is below."
    if item.kind == FailureKind.FAILURE_KIND_UNSEARCHED_FIELD:
        return "Search the field too, or change its analyser."
    if item.kind == FailureKind.FAILURE_KIND_MISSING_PRODUCTS:
        return "Index the whole catalogue, or look at the filter that hides them."
    return next((suggestion.text for suggestion in item.suggestions), "")


def listed_as(item: FailureClass) -> str:
    """What the list of a class's items holds."""
    if item.kind in BY_KNOWN_PRODUCTS:
        return "Searches that missed their product, such as:"
    return "Queries, those of most traffic first:"


def engine(name: str) -> str:
    """For which engine a suggestion is."""
    return {"any": "Any engine", "OpenSearch": "OpenSearch or Elasticsearch"}.get(name, name)


def _lower(name: str) -> str:
    return name.replace("_", " ").lower()


FILTERS = (points, point_estimate, mechanism, class_title, worth, affected, deed, listed_as, engine)
