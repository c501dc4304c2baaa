"""How the figures over many nights are printed: a band's lines, its trend, groups, comparisons.

Touches the standard output alone; the figures are made in notturno.scoring.manynights.
"""

from __future__ import annotations

from collections.abc import Callable
from math import floor, log10
from typing import TYPE_CHECKING

import click

from notturno.cli.words import FOOTER, print_table, span
from notturno.words import _, counted, figure, said

if TYPE_CHECKING:
    from notturno.errors import Phrase
    from notturno.refusals import Refusal
    from notturno.scoring.manynights.levels import NightCount

MOST_TIMES = 10  # beyond, a percentage means nothing


def print_band(band: dict, by: str | None) -> None:
    """Print the figures of one band, or of a person."""
    click.echo(
        _("{label}: {usable_nights} of {nights} nights used").format(
            label=label(band), usable_nights=band["usable_nights"], nights=band["nights"]
        )
    )
    print_left_out(band, "  ")
    for found in band["measures"].values():
        print_level(said(found["words"]), found)
        print_left_out(found, "  ")
    if by is not None:
        print_groups(band["groups"], by)


def print_level(words: str, found: dict) -> None:
    """Print the typical figure of a measure, how its nights differ, its trend and changes."""
    from notturno.refusals import is_refusal

    if is_refusal(found["typical"]):
        click.echo(f"{words}: - ({said(found['typical'])})")
        return
    spread = found["variability"]
    silent = not is_refusal(spread) and spread["range"] == [0, 0]
    level = _("{three_figures} typical").format(three_figures=three_figures(found["typical"])) + (
        _(" (no event)") if silent else ""
    )
    click.echo(f"{words}: {level}")
    spread, trend, changes = (found[key] for key in ("variability", "trend", "change_points"))
    spread = (
        _("no spread: {reason}").format(reason=said(spread))
        if is_refusal(spread)
        else variability_text(spread)
    )
    click.echo(f"  {spread}")
    refused = trend["trend_per_week"]
    click.echo(
        _("  no trend: {reason}").format(reason=said(refused))
        if is_refusal(refused)
        else f"  {trend_text(trend)}"
    )
    for point in changes["change_points"]:
        change = (
            _("{three_figures} times").format(three_figures=three_figures(point["ratio"]))
            if "ratio" in point
            else _("by {three_figures}").format(
                three_figures=three_figures(point["difference"], "+")
            )
        )
        click.echo(
            _("  level changed from the night {night} on: {change} (p {p:.3f})").format(
                night=point["night"], change=change, p=point["p"]
            )
        )


def sums_text(nights: list[NightCount]) -> str:
    """Return the nights, events and hours of a list, in words."""
    events, hours = sum(night.count for night in nights), sum(night.hours for night in nights)
    return _("{nights}, {events} in {hours:.1f} h").format(
        nights=counted(len(nights), "night"), events=counted(events, "event"), hours=hours
    )


def print_list_footer(method: Phrase | str) -> None:
    """Print how a plain list was read and what every output ends with."""
    click.echo(_("Method: {method}.").format(method=said(method)))
    click.echo(_(FOOTER))


def variability_text(found: dict) -> str:
    """Return one line on how nights differ."""
    return _("nights: median {median:.2f}, middle half {middle}, all {whole}").format(
        median=found["median"], middle=span(found["quartiles"]), whole=span(found["range"])
    )


def trend_text(found: dict) -> str:
    """Return one line on the trend."""
    from notturno.scoring.manynights.trends import PERCENT_A_WEEK

    told = percent_text if found["unit"] == PERCENT_A_WEEK else _signed
    figure, low, high = (told(found[key]) for key in ("trend_per_week", "trend_low", "trend_high"))
    return _(
        "trend: {direction}, {figure} a week ({level:.0%} interval {low} to {high}, {nights})"
    ).format(
        direction=_(found["direction"]),
        figure=figure,
        level=found["level"],
        low=low,
        high=high,
        nights=counted(found["nights"], "night"),
    )


def _signed(value):
    return three_figures(value, "+")


def percent_text(percent: float) -> str:
    """Return a change as text; beyond tenfold its size means nothing."""
    return (
        figure("{:+.1f} %", percent)
        if percent < 100 * (MOST_TIMES - 1)
        else _("over {most_times} times").format(most_times=MOST_TIMES)
    )


def three_figures(value: float, sign: str = "") -> str:
    """Return a number with three figures, so that printed rates divide to their ratio."""
    decimals = 2 if value == 0 else min(max(2 - floor(log10(abs(value))), 0), 6)
    return figure(f"{{:{sign}.{decimals}f}}", value)


def p_text(p: float) -> str:
    """Return a p-value as text."""
    return figure("p < {:.4f}", 0.0001) if p < 0.0001 else figure("p {:.4f}", p)


def print_groups(groups: list[dict], by: str) -> None:
    """Print one row a group for each measure."""
    if not groups:
        click.echo()
        click.echo(
            _("No {by} to group by: name nights with  notturno tag NAME FIRST_NIGHT").format(
                by=_(by)
            )
        )
        return
    for key, first in groups[0]["measures"].items():
        notes = []
        rows = [_group_cells(group, key, by, notes) for group in groups]
        click.echo()
        click.echo(said(first["words"]))
        print_table(
            [by, "nights", "typical"] + ([_("than the first")] if by == "phase" else []), rows
        )
        for note in dict.fromkeys(notes):
            click.echo(f"-: {note}")


def _group_cells(group: dict, key: str, by: str, notes: list) -> list[str]:
    found = group["measures"][key]
    cells = [group["name"], str(found["usable_nights"])]
    cells.append(_cell(found["typical"], three_figures, notes))
    if by == "phase":
        against = found.get("against_first")
        cells.append("" if against is None else _against_text(against, notes))
    return cells


def _cell(value: float | Refusal, told: Callable, notes: list) -> str:
    from notturno.refusals import is_refusal

    if is_refusal(value):
        notes.append(said(value))
        return "-"
    return told(value)


def _against_text(found: dict, notes: list) -> str:
    """Return a comparison with its interval; a dash for a Refusal."""
    name = "difference" if "difference" in found else "ratio"
    sign = "+" if name == "difference" else ""

    def told(value: float) -> str:
        low, high = (three_figures(found[name + end], sign) for end in ("_low", "_high"))
        times = _(" times") if name == "ratio" else ""
        return _("{three_figures}{times} ({low} to {high})").format(
            three_figures=three_figures(value, sign), times=times, low=low, high=high
        )

    return _cell(found[name], told, notes)


def label(band: dict) -> str:
    """Return what a band, or a person, is called."""
    if band["person_side"] == "LR":
        name = _("{band} of a person").format(band=_(band["band"]))
    elif band["band"] in (None, band["device_id"]):
        name = _("band {device_id}").format(device_id=band["device_id"])
    else:
        name = _("band {band} ({device_id})").format(
            band=band["band"], device_id=band["device_id"]
        )
    return _("simulated {label}").format(label=name) if band["simulated"] else name


def print_left_out(found: dict, indent: str) -> None:
    """Print nights left out by name, those of one reason on one line."""
    by_reason = {}
    for night, reason in found["left_out"].items():
        by_reason.setdefault(said(reason), []).append(night)
    for reason, nights in by_reason.items():
        click.echo(
            _("{indent}left out {nights}: {reason}").format(
                indent=indent, nights=", ".join(nights), reason=reason
            )
        )
    if found.get("short_nights"):
        click.echo(
            _("{indent}short (under {short_h:.0f} h, and so biased): ").format(
                indent=indent, short_h=found["short_h"]
            )
            + ", ".join(found["short_nights"])
        )
