"""A comparison for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from sq_cli.compare.comparison import Comparison, Difference
from sq_cli.compare.gold import GoldCheck
from sq_cli.compare.second_judge import SecondJudge
from sq_cli.console import out
from sq_cli.figure import figure_text
from sq_text import count_of, p_value

_SHOWN = 10


def print_comparison(comparisons: Sequence[Comparison]) -> None:
    """Prints one sentence a market, then its classes and segments: what got worse, and what got better."""
    for one in comparisons:
        out.print(Text(f"{one.market}: {_sentence(one)}", style="bold"))
        kinds = ("Classes of the first run", one.classes), ("Classes of the second run", one.classes_after)
        for title, parts in (*kinds, ("Segments", one.segments)):
            if any(part.contribution for part in parts):
                out.print(_table(title, parts))
    if any(part.contribution for one in comparisons for part in one.segments):
        out.print("Of all: points that the row adds to the change of its market.", style="dim", highlight=False)


def _sentence(one: Comparison) -> str:
    overall = one.overall
    change = overall.change
    interval = change.interval
    between = f" [{100 * interval.low:+.1f}, {100 * interval.high:+.1f}]" if interval else ""
    told = "more than chance" if overall.p <= 0.05 else "no more than chance"
    left_out = one.only_first + one.only_second
    more = f" In one run alone: {count_of(left_out)}." if left_out else ""
    return (
        f"nDCG goes from {overall.before:.3f} to {overall.after:.3f}: {100 * change.value:+.1f} points{between}, "
        f"{told} (p {p_value(overall.p)}). Of {count_of(overall.queries)}, {overall.better} got better and "
        f"{overall.worse} worse. Both runs measured {one.shared:.0%} of the first run's traffic.{more}"
    )


def _table(title: str, parts: Sequence[Difference]) -> Table:
    """Losses, then gains, each the largest first."""
    table = Table(
        title=title,
        title_justify="left",
        caption_justify="left",
        box=SIMPLE_HEAD,
        pad_edge=False,
        collapse_padding=True,
    )
    table.add_column("", overflow="fold")
    for name in ("queries", "nDCG", "points", "of all", "better", "worse", "p"):
        table.add_column(name, justify="right")
    losses = [part for part in parts if part.contribution < 0]
    gains = [part for part in parts if part.contribution > 0]
    for part in (*losses[:_SHOWN], *gains[:_SHOWN]):
        table.add_row(
            Text(part.name), str(part.queries), f"{part.before:.2f}→{part.after:.2f}",
            f"{100 * part.change.value:+.1f}", f"{100 * part.contribution:+.1f}", str(part.better), str(part.worse),
            p_value(part.p), end_section=bool(losses) and part is losses[:_SHOWN][-1],
        )  # fmt: skip
    table.caption = _left_out(len(losses), len(gains), len(parts))
    return table


def _left_out(losses: int, gains: int, parts: int) -> str:
    """What the table does not show."""
    told = []
    for count, what in ((losses - _SHOWN, "losses"), (gains - _SHOWN, "gains")):
        told += [f"{count} smaller {what} are not shown."] if count > 0 else []
    unchanged = parts - losses - gains
    told += [f"{unchanged} did not change."] if unchanged else []
    return " ".join(told)


def print_gold(check: GoldCheck) -> None:
    """Prints how both judges agree with the gold set, and how that changed."""
    first, second = ("–" if one.value is None else f"{one.value:.2f}" for one in (check.first, check.second))
    out.print(
        f"{check.market}: quadratic kappa with the gold set {first}, then {second}. Exact agreement changed by "
        f"{check.drift:+.3f} (p {p_value(check.p)}), over {count_of(check.pairs, 'pair')} of "
        f"{count_of(check.queries)}.",
        soft_wrap=True,
        highlight=False,
    )


def print_second_judge(found: SecondJudge) -> None:
    """Prints how two judges agree, and which claims of the first run survive the second."""
    first, second = (", ".join(names) or "none" for names in found.judges)
    kappa = "" if found.kappa.value is None else f", with a quadratic kappa of {figure_text(found.kappa)}"
    lines = [f"{found.market}: {first}, then {second}. Both graded {count_of(found.pairs, 'pair')}{kappa}."]
    if found.comparable:
        lines += _survival(found)
    else:
        lines += [
            f"Their claims are not compared, because both runs measured only {found.shared:.0%} of the first run's "
            "traffic: take the same query set, and a budget that suffices."
        ]
    out.print(Text(" ".join(lines)), soft_wrap=True)


def _survival(found: SecondJudge) -> Iterator[str]:
    claims = len(found.kept) + len(found.lost)
    made = "is" if len(found.kept) == 1 else "are"
    yield f"Of {count_of(claims, 'claim')}, {len(found.kept)} {made} made by both judges."
    if found.tau is not None:
        yield f"Kendall's tau of their order is {found.tau:.2f}."
    yield from (f"Claimed by the {which} judge alone: {', '.join(of)}." for which, of in _alone(found) if of)


def _alone(found: SecondJudge) -> tuple[tuple[str, Sequence[str]], ...]:
    return ("first", found.lost), ("second", found.new)
