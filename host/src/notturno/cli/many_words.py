"""How the figures over many nights are printed: a band's lines, its trend, its groups.

Touches the standard output alone; the figures are made in notturno.scoring.manynights.
"""

import click

from notturno.cli.words import COUNTS, number, print_table, span


def print_band(band, by):
    """Print the figures of one band."""
    from notturno.refusals import is_refusal

    label = "simulated band" if band["simulated"] else "band"
    click.echo(
        f"{label} {band['device_id']}: {band['usable_nights']} of {band['nights']} nights used"
    )
    for night, reason in band["left_out"].items():
        click.echo(f"  left out {night}: {reason.reason}")
    if band["short_nights"]:
        click.echo(
            f"  short (under {band['short_h']:.0f} h, and so biased): "
            + ", ".join(band["short_nights"])
        )
    for key, words in COUNTS:
        found = band[key]
        click.echo(f"{words}: {number(found['per_recorded_h'])} per recorded hour")
        for name, told in (("variability", variability_text), ("trend", trend_text)):
            value = found[name]
            click.echo("  " + (f"no {name}: {value.reason}" if is_refusal(value) else told(value)))
        points = found["change_points"]
        for point in () if is_refusal(points) else points["points"]:
            click.echo(
                f"  level changed from the night {point['first_night_after']} on: "
                f"{point['rate_ratio']:.2f} times (p {point['p']:.3f})"
            )
    if by is not None:
        print_groups(band["groups"], by)


def variability_text(found):
    """Return one line on how nights differ."""
    return (
        f"nights: median {found['median_per_h']:.2f}, middle half "
        f"{span(found['quartiles_per_h'])}, all {span(found['range_per_h'])}"
    )


def trend_text(found):
    """Return one line on the trend: by the week where the nights span one, else by the night."""
    from notturno.refusals import is_refusal

    unit = "night" if is_refusal(found["percent_per_week"]) else "week"
    low, high = (percent_text(bound) for bound in found[f"interval_per_{unit}"])
    return (
        f"trend: {found['direction']}, {percent_text(found[f'percent_per_{unit}'])} a {unit} "
        f"({found['level']:.0%} interval {low} to {high}, {found['nights']} nights)"
    )


def percent_text(percent):
    """Return a change as text; beyond tenfold its size means nothing."""
    return f"{percent:+.1f} %" if percent < 900 else "over 10 times"


def print_groups(groups, by):
    """Print one row a group."""
    from notturno.refusals import is_refusal

    click.echo()
    if not groups:
        click.echo(f"No {by} to group by: name nights with  notturno tag NAME FIRST_NIGHT")
        return
    rows, notes = [], []
    for group in groups:
        cells = [group["name"], str(group["usable_nights"])]
        for key, _ in COUNTS:
            cells.append(number(group[key]["per_recorded_h"]))
            ratio = group[key].get("against_first")
            if by == "phase":
                cells.append(ratio_text(ratio))
                if is_refusal(ratio) and ratio.reason not in notes:
                    notes.append(ratio.reason)
        rows.append(cells)
    headings = [by, "nights"]
    for short in ("jerks/h", "LM/h"):
        headings += [short] + (["times the first"] if by == "phase" else [])
    print_table(headings, rows)
    for note in notes:
        click.echo(f"-: {note}")


def ratio_text(ratio):
    """Return a rate ratio with its interval; a dash for a Refusal, nothing for the first."""
    from notturno.refusals import is_refusal

    if ratio is None:
        return ""
    return "-" if is_refusal(ratio) else f"{ratio['ratio']:.2f} ({span(ratio['interval'])})"
