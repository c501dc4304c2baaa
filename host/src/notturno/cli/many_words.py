"""How the figures over many nights are printed: a band's lines, its trend, groups, comparisons.

Touches the standard output alone; the figures are made in notturno.scoring.manynights.
"""

from math import floor, log10

import click

from notturno.cli.words import FOOTER, print_table, span
from notturno.words import counted

MOST_TIMES = 10  # beyond, a percentage means nothing
MOST_CHANGE = 0.02  # nights that show no change down to a fiftieth show none worth a number


def print_band(band, by):
    """Print the figures of one band, or of a person."""
    click.echo(f"{_label(band)}: {band['usable_nights']} of {band['nights']} nights used")
    _print_left_out(band, "  ")
    for found in band["measures"].values():
        print_level(found["words"], found)
        _print_left_out(found, "  ")
    if by is not None:
        print_groups(band["groups"], by)


def print_level(words, found):
    """Print the typical figure of a measure, how its nights differ, its trend and changes."""
    from notturno.refusals import is_refusal

    if is_refusal(found["typical"]):
        click.echo(f"{words}: - ({found['typical'].reason})")
        return
    spread = found["variability"]
    silent = not is_refusal(spread) and spread["range"] == [0, 0]
    level = f"{three_figures(found['typical'])} typical" + (" (no event)" if silent else "")
    click.echo(f"{words}: {level}")
    spread, trend, changes = (found[key] for key in ("variability", "trend", "change_points"))
    spread = f"no spread: {spread.reason}" if is_refusal(spread) else variability_text(spread)
    click.echo(f"  {spread}")
    refused = trend["trend_per_week"]
    click.echo(
        f"  no trend: {refused.reason}" if is_refusal(refused) else f"  {trend_text(trend)}"
    )
    for point in changes["change_points"]:
        change = (
            f"{three_figures(point['ratio'])} times"
            if "ratio" in point
            else f"by {three_figures(point['difference'], '+')}"
        )
        click.echo(
            f"  level changed from the night {point['night']} on: {change} (p {point['p']:.3f})"
        )


def print_band_comparison(band, names):
    """Print what one band, or a person, says of two phases."""
    click.echo(_label(band))
    for name, phase in zip(names, band["phases"], strict=True):
        dated = phase["first_night"] is not None
        when = f" ({phase['first_night']} to {phase['last_night']})" if dated else ""
        click.echo(f"  {name}: {phase['usable_nights']} of {phase['nights']} nights used{when}")
        _print_left_out(phase, "    ")
    for found in band["measures"].values():
        print_comparison(found["words"], found, names)
        _print_left_out(found, "  ")
    caveats = dict.fromkeys(found["caveat"] for found in band["measures"].values())
    click.echo(max(caveats, key=len))


def print_comparison(words, found, names):
    """Print one measure of two phases: both levels, and what they say of each other."""
    from notturno.refusals import is_refusal

    levels = [
        f"{'-' if is_refusal(typical) else three_figures(typical)} typical in {name}"
        + (" (no event)" if events == 0 else "")
        for name, typical, events in zip(
            names, found["typical"], found.get("events", (None, None)), strict=True
        )
    ]
    click.echo(f"{words}: {', '.join(levels)}")
    name = "ratio" if "ratio" in found else "difference"
    if is_refusal(found[name]):
        click.echo(f"  no {name}: {found[name].reason}")
        return
    value, *bounds = (found[name + end] for end in ("", "_low", "_high"))
    sign = "" if name == "ratio" else "+"
    change = three_figures(value, sign)
    change = f"{change} times as many" if name == "ratio" else f"{change} (the difference)"
    low, high = (three_figures(bound, sign) for bound in bounds)
    click.echo(
        f"  {names[1]} has {change} ({found['level']:.0%} interval {low} to {high}, "
        f"{p_text(found['p'])}; neighbouring nights alike by {found['lag1']:.2f})"
    )
    click.echo(f"  {_power_text(name, found)}")


def _power_text(name, found):
    """Return what these nights could show, and how many would be needed."""
    from notturno.refusals import is_refusal

    smallest, needed = found["smallest_change"], found["nights_needed"]
    if name == "difference":
        return f"smallest change these nights could show: {three_figures(smallest)} either way"
    text = f"these nights could show no change under {1 / MOST_CHANGE:.0f} times; "
    if smallest >= MOST_CHANGE:
        text = (
            f"smallest change these nights could show: to {three_figures(smallest)} times, or to "
            f"{three_figures(1 / smallest)}; "
        )
    if is_refusal(needed):
        return text + needed.reason
    return text + f"a halving needs about {counted(needed, 'night')} in each phase"


def sums_text(nights):
    """Return the nights, events and hours of a list, in words."""
    events, hours = sum(night.count for night in nights), sum(night.hours for night in nights)
    return f"{counted(len(nights), 'night')}, {counted(events, 'event')} in {hours:.1f} h"


def print_list_footer(method):
    """Print how a plain list was read and what every output ends with."""
    click.echo(f"Method: {method}.")
    click.echo(FOOTER)


def variability_text(found):
    """Return one line on how nights differ."""
    return (
        f"nights: median {found['median']:.2f}, middle half {span(found['quartiles'])}, all "
        f"{span(found['range'])}"
    )


def trend_text(found):
    """Return one line on the trend."""
    from notturno.scoring.manynights.trends import PERCENT_A_WEEK

    told = percent_text if found["unit"] == PERCENT_A_WEEK else _signed
    figure, low, high = (told(found[key]) for key in ("trend_per_week", "trend_low", "trend_high"))
    return (
        f"trend: {found['direction']}, {figure} a week ({found['level']:.0%} interval {low} to "
        f"{high}, {counted(found['nights'], 'night')})"
    )


def _signed(value):
    return three_figures(value, "+")


def percent_text(percent):
    """Return a change as text; beyond tenfold its size means nothing."""
    return f"{percent:+.1f} %" if percent < 100 * (MOST_TIMES - 1) else f"over {MOST_TIMES} times"


def three_figures(value, sign=""):
    """Return a number with three figures, so that printed rates divide to their ratio."""
    decimals = 2 if value == 0 else min(max(2 - floor(log10(abs(value))), 0), 6)
    return f"{value:{sign}.{decimals}f}"


def p_text(p):
    """Return a p-value as text."""
    return "p < 0.0001" if p < 0.0001 else f"p {p:.4f}"


def print_groups(groups, by):
    """Print one row a group for each measure."""
    if not groups:
        click.echo()
        click.echo(f"No {by} to group by: name nights with  notturno tag NAME FIRST_NIGHT")
        return
    for key, first in groups[0]["measures"].items():
        notes = []
        rows = [_group_cells(group, key, by, notes) for group in groups]
        click.echo()
        click.echo(first["words"])
        print_table(
            [by, "nights", "typical"] + (["than the first"] if by == "phase" else []), rows
        )
        for note in dict.fromkeys(notes):
            click.echo(f"-: {note}")


def _group_cells(group, key, by, notes):
    found = group["measures"][key]
    cells = [group["name"], str(found["usable_nights"])]
    cells.append(_cell(found["typical"], three_figures, notes))
    if by == "phase":
        against = found.get("against_first")
        cells.append("" if against is None else _against_text(against, notes))
    return cells


def _cell(value, told, notes):
    from notturno.refusals import is_refusal

    if is_refusal(value):
        notes.append(value.reason)
        return "-"
    return told(value)


def _against_text(found, notes):
    """Return a comparison with its interval; a dash for a Refusal."""
    name = "difference" if "difference" in found else "ratio"
    sign = "+" if name == "difference" else ""

    def told(value):
        low, high = (three_figures(found[name + end], sign) for end in ("_low", "_high"))
        times = " times" if name == "ratio" else ""
        return f"{three_figures(value, sign)}{times} ({low} to {high})"

    return _cell(found[name], told, notes)


def _label(band):
    if band["person_side"] == "LR":
        label = f"{band['band']} of a person"
    elif band["band"] in (None, band["device_id"]):
        label = f"band {band['device_id']}"
    else:
        label = f"band {band['band']} ({band['device_id']})"
    return f"simulated {label}" if band["simulated"] else label


def _print_left_out(found, indent):
    """Print nights left out by name, those of one reason on one line."""
    by_reason = {}
    for night, reason in found["left_out"].items():
        by_reason.setdefault(reason.reason, []).append(night)
    for reason, nights in by_reason.items():
        click.echo(f"{indent}left out {', '.join(nights)}: {reason}")
    if found.get("short_nights"):
        click.echo(
            f"{indent}short (under {found['short_h']:.0f} h, and so biased): "
            + ", ".join(found["short_nights"])
        )
