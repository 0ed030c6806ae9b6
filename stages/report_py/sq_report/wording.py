"""Words and figures as the page shows them."""

from __future__ import annotations

from urllib.parse import urlsplit

from markupsafe import Markup

from sq.v1.clicks_pb2 import (
    ClickDisagreement,
    ClickDisagreementKind,
    ClickRate,
    GradeClicks,
    PositionClicks,
    QueryClicks,
)
from sq.v1.judgment_pb2 import Reason, ReasonCode
from sq.v1.query_pb2 import Band
from sq.v1.report_pb2 import Estimate
from sq.v1.variants_pb2 import Variant, VariantKind
from sq_history import Interval
from sq_text import p_value

_WITH_INTERVAL = Markup('{} <span class="interval">[{}, {}]</span>')
_IMAGE_TYPES = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/svg+xml")


def percent(share: float) -> str:
    """A share of 0..1 with two decimals; a small one does not turn into nothing."""
    if 0 < share < 0.00005:
        return "<0.01%"
    return f"{100 * share:.2f}%"


def level(share: float) -> str:
    """A rate that somebody chose, such as 95%."""
    return f"{100 * share:.6g}%"


def figure(value: float) -> str:
    return f"{value:.2f}"


def estimate(item: Estimate, form: str) -> str | Markup:
    """Value and interval; in brackets and without one where the sample is too small; a dash where it is empty."""
    show = percent if form == "percent" else figure
    if not item.queries:
        return "–"
    if not item.claimed:
        return f"({show(item.value)})"
    return _WITH_INTERVAL.format(show(item.value), show(item.low), show(item.high))


def interval(item: Interval | None, form: str) -> str | Markup:
    """A figure of the history, as `estimate` shows it."""
    show = percent if form == "percent" else figure
    if item is None:
        return "–"
    if item.low is None or item.high is None:
        return f"({show(item.value)})"
    return _WITH_INTERVAL.format(show(item.value), show(item.low), show(item.high))


def click_rate(item: ClickRate) -> str | Markup:
    """A debiased rate with its interval, in brackets below the minimum; a dash where nothing was examined."""
    if not item.examined:
        return "–"
    if not item.claimed:
        return f"({percent(item.value)})"
    return _WITH_INTERVAL.format(percent(item.value), percent(item.low), percent(item.high))


def click_through(item: GradeClicks | PositionClicks | QueryClicks) -> str:
    """Clicks of all impressions."""
    return percent(item.clicks / item.impressions) if item.impressions else "–"


def examination(item: PositionClicks) -> str | Markup:
    if not item.identified:
        return "–"
    return _WITH_INTERVAL.format(percent(item.examination), percent(item.low), percent(item.high))


def disagreement(item: ClickDisagreement) -> str:
    clicked = item.kind == ClickDisagreementKind.CLICK_DISAGREEMENT_KIND_CLICKED
    return "clicked more than those judged 4" if clicked else "clicked less than those judged 0 or 1"


def variant(item: Variant) -> str:
    relisted = item.kind == VariantKind.VARIANT_KIND_RELISTED
    return "the same again" if relisted else "another colour or size"


def band(number: int) -> str:
    return Band.Name(number).removeprefix("BAND_").lower()


def reason(item: Reason) -> str:
    """One reason for lost points, in words."""
    about = f"{item.tag_type} {item.value}".strip()
    return {
        ReasonCode.REASON_CODE_TAG_MISMATCH: f"is not {about}",
        ReasonCode.REASON_CODE_TAG_MISSING: f"does not state {about}",
        ReasonCode.REASON_CODE_ATTRIBUTE_CONFLICT: f"contradicts itself on {about}",
        ReasonCode.REASON_CODE_TERM_MISSING: f"lacks “{item.value}”",
        ReasonCode.REASON_CODE_ACCESSORY: "is an accessory",
        ReasonCode.REASON_CODE_OFF_TOPIC: "is another thing",
    }.get(item.code, "")


def embedded_image(uri: str) -> str:
    """The URI where it holds the picture itself and is safe in <img>, else empty."""
    head = uri[:64].lower()
    return uri if any(head.startswith((f"data:{name};", f"data:{name},")) for name in _IMAGE_TYPES) else ""


def image_link(uri: str) -> str:
    """The URI where following it is safe: http, https or a relative path; else empty.

    The page loads nothing from elsewhere, so such a picture is linked and not shown.
    """
    if not uri or any(character in uri for character in "\\\"'<>`") or any(ord(c) <= 32 for c in uri):
        return ""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return ""
    remote = parts.scheme in ("http", "https") and parts.netloc != ""
    # A colon before the first slash would make a browser see a scheme.
    relative = not parts.scheme and not parts.netloc and ":" not in uri.split("/")[0] and not uri.startswith("//")
    return uri if remote or relative else ""


FILTERS = (
    percent, level, figure, p_value, estimate, interval, band, reason, embedded_image, image_link,
    click_rate, click_through, examination, disagreement, variant,
)  # fmt: skip
