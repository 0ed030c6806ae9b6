"""The run configuration of the sample."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.resources import files

from sq_sample.planting import Plan

_FIELDS = re.compile(r'"fields": \[[^]]*\]')


def run_configuration(plans: Iterable[Plan]) -> str:
    """sample.yaml as text. A market that leaves a field unsearched has a request of its own."""
    text = files(__package__).joinpath("sample.yaml").read_text(encoding="utf-8")
    for plan in plans:
        if plan.unsearched:
            common = f"opensearch: {{index: {plan.market}}}"
            text = text.replace(common, _own_request(text, plan))
    return text


def trained_configuration(plans: Iterable[Plan]) -> str:
    """sample.yaml with a judge of its own for each market, which lies in the folder SQ_JUDGES."""
    plans = list(plans)
    text = run_configuration(plans).replace("  evaluate:\n    baseline: {}\n", "")
    for plan in plans:
        model = f"    evaluate: {{trained: {{model: '${{SQ_JUDGES}}/{plan.market}'}}}}\n"
        text = text.replace(f"  - market: {plan.market}\n", f"  - market: {plan.market}\n{model}")
    return text


def _own_request(text: str, plan: Plan) -> str:
    """The request of the defaults without the field, as YAML of a market."""
    template = re.search(r"body_template: >-\n(.*?)\n    fields:", text, re.DOTALL)[1]
    fields = _FIELDS.search(template)[0]
    fewer = re.sub(rf'"{plan.unsearched}(\^\d+)?",? ?', "", fields)
    lines = template.replace(fields, fewer).splitlines()
    return "\n".join(
        ["opensearch:", f"        index: {plan.market}", "        body_template: >-", *(f"  {line}" for line in lines)]
    )
