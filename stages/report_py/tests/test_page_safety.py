"""Nothing in a record gets out of its place on the page, and the page loads nothing."""

import pytest
from html_outline import Page
from markets import planted
from synthetic import report
from synthetic_case import Case, Probed

from sq.v1.judgment_pb2 import Reason, ReasonCode
from sq.v1.report_pb2 import FailureKind, RunReport
from sq_report.consolidate import consolidate
from sq_report.page import render_page
from sq_report.run_facts import RunFacts
from sq_report.wording import embedded_image, image_link


def test_accessible_and_self_contained() -> None:
    html = render_page(consolidate([report(planted())]))
    made = Page(html)
    (policy,) = [meta["content"] for meta in made.all("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    assert made.all("html") == [{"lang": "en"}]
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in made.all("meta")
    assert len(made.all("title")) == 1
    assert all("scope" in th for th in made.all("th"))
    assert all(image.get("alt") is not None for image in made.all("img"))
    ids = [attributes["id"] for _, attributes in made.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for anchor in made.all("a"):
        assert anchor["href"].startswith("#")
        assert anchor["href"][1:] in ids
    for label in [attributes["aria-labelledby"] for _, attributes in made.elements if "aria-labelledby" in attributes]:
        assert label in ids
    assert not {"script", "link", "iframe", "object"} & {tag for tag, _ in made.elements}
    assert b"@import" not in html
    assert b"url(" not in html


HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7*7 }}\u202e</bdi>"


def test_hostile_strings_are_shown_as_they_are() -> None:
    reason = Reason(code=ReasonCode.REASON_CODE_TERM_MISSING, tag_type=HOSTILE, value=HOSTILE)
    probe = Probed("inflection", [4, 4], item=f"{HOSTILE} → x")
    cases = [
        Case(f"{HOSTILE} {n}", [1, 0], [4], reasons=[reason], title=HOSTILE, image="javascript:x", probes=[probe])
        for n in range(12)
    ]
    cases += [Case(f"b {n}", [4], title=HOSTILE) for n in range(20)]
    cases += [Case(f"{HOSTILE} c {n}", failure=1, detail=HOSTILE) for n in range(3)]
    cases += [Case(f"{HOSTILE} d {n}", [0]) for n in range(3)]
    cases += [
        Case(f"{HOSTILE} e {n}", [4], evidence={f"COLOUR={HOSTILE.replace('=', ' ')}": (0, 0, 5, 5)}) for n in range(9)
    ]
    made = report(cases, judge=HOSTILE)
    made.market = HOSTILE
    made.language = HOSTILE
    made.unstable = HOSTILE
    made.summary.junk.add(reason=HOSTILE, rows=1, examples=[HOSTILE])
    made.summary.broken_examples.append(HOSTILE)
    made.notes.append(HOSTILE)
    made.probing.tests.add(mechanism=HOSTILE, reason=HOSTILE)
    for item in made.failure_classes:
        item.market = HOSTILE
    html = render_page(RunReport(markets=[made], ranking=made.failure_classes), RunFacts(HOSTILE, HOSTILE))
    shown = Page(html)
    assert {item.kind for item in made.failure_classes} == {
        FailureKind.FAILURE_KIND_MECHANISM,
        FailureKind.FAILURE_KIND_RETRIEVAL_FAILED,
        FailureKind.FAILURE_KIND_DATA_GAP,
        FailureKind.FAILURE_KIND_NOT_SOLD,
    }
    assert not {"script", "img"} & {tag for tag, _ in shown.elements}
    assert not [name for _, attributes in shown.elements for name in attributes if name.startswith("on")]
    assert shown.text.count("<script>alert(1)</script>") > 60
    assert shown.text.count("{{ 7*7 }}") > 60


IMAGES = {
    "data:image/png;base64,iVBOR": ("shown", "data:image/png;base64,iVBOR"),
    "DATA:IMAGE/SVG+XML;base64,PHN2": ("shown", "DATA:IMAGE/SVG+XML;base64,PHN2"),
    "https://shop.example/a.png?w=1&h=2": ("linked", "https://shop.example/a.png?w=1&h=2"),
    "http://shop.example/a.png": ("linked", "http://shop.example/a.png"),
    "pictures/a.png": ("linked", "pictures/a.png"),
    "/pictures/a.png": ("linked", "/pictures/a.png"),
    "": ("left out", ""),
    "javascript:alert(1)": ("left out", ""),
    "JaVaScRiPt:alert(1)": ("left out", ""),
    " javascript:alert(1)": ("left out", ""),
    "java\tscript:alert(1)": ("left out", ""),
    "data:text/html,<script>": ("left out", ""),
    'data:image/png,x" onerror="y': ("shown", 'data:image/png,x" onerror="y'),
    "vbscript:x": ("left out", ""),
    "file:///etc/passwd": ("left out", ""),
    "//evil.example/a.png": ("left out", ""),
    "\\\\evil.example\\a.png": ("left out", ""),
    "http:evil": ("left out", ""),
    "http://[broken/a.png": ("left out", ""),
}


@pytest.mark.parametrize("uri", IMAGES)
def test_images_are_embedded_linked_or_left_out(uri: str) -> None:
    fate, expected = IMAGES[uri]
    assert embedded_image(uri) == (expected if fate == "shown" else "")
    if fate != "shown":
        assert image_link(uri) == (expected if fate == "linked" else "")


def test_an_embedded_image_stays_one_attribute() -> None:
    probe = Probed("inflection", [4])
    cases = [Case(f"t {n}", [1], image='data:image/png,x" onerror="y', probes=[probe]) for n in range(12)]
    made = Page(render_page(consolidate([report([*cases, *[Case(f"b {n}", [4]) for n in range(20)]])])))
    assert made.all("img")
    assert all(set(image) == {"src", "alt", "width", "height"} for image in made.all("img"))
