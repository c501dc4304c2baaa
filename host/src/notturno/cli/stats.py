"""The command `stats`: figures over many nights, or all figures of one."""

import click

from notturno.cli.nights import NOTHING_YET, open_for_reading
from notturno.cli.output import (
    FOOTER,
    HELP_NAMES,
    check_date,
    data_dir_option,
    json_option,
    print_json,
    print_table,
)
from notturno.errors import UserError

COUNTS = (("jerks", "single jerks"), ("lms", "limb movements"))
SIMULATED = "simulated: recorded by a virtual band."


@click.command(context_settings=HELP_NAMES)
@click.option("--by", type=click.Choice(["tag", "phase", "month"]), help="Also group the nights.")
@click.option("--last", type=click.IntRange(min=1), metavar="N", help="Only the last N nights.")
@click.option("--since", metavar="DATE", help="Only nights from this evening on (2026-01-31).")
@click.option("--night", metavar="NIGHT", help="All figures of this one night instead.")
@click.option(
    "--sleep",
    "sleep_rule",
    type=click.Choice(["van_hees_2015", "cole_kripke_1992", "marks"]),
    help="With --night: what says when you slept (marks: the button). [default: van_hees_2015]",
)
@click.option(
    "--stages",
    metavar="FILE",
    help="With --night: a hypnogram, CSV onset_s,stage from the start of the recording, or EDF+.",
)
@click.option(
    "--left",
    metavar="BAND",
    help="With --night and two bands: the id of the left leg's; sets both legs side by side.",
)
@click.option(
    "--against",
    metavar="FILE",
    help="With --night: JSON of an earlier --night; show what changed since.",
)
@json_option
@data_dir_option
def command(by, last, since, night, sleep_rule, stages, left, against, as_json, folder):
    """Rates, how nights differ, the trend, and where the level changed.

    Rates are events per recorded hour. A phase is a tag (notturno tag); by phase, every phase is
    also compared with the first. A figure that would mislead is refused with its reason.
    """
    since = check_date(since)
    if night is not None:
        from notturno.cli import onenight

        onenight.run(night, sleep_rule, stages, left, against, as_json, folder)
        return
    if sleep_rule or stages or left or against:
        raise UserError("--sleep, --stages, --left and --against need one night: add --night.")
    with open_for_reading(folder) as store:
        nights = store.nights(since=since)
        tags = store.tags()
        kept = {row["night"] for row in last_nights(nights, last)}
        nights = [row for row in nights if row["night"] in kept]
        events, sessions = [], []
        if as_json:
            events = [e for e in store.events(kinds=("jerk", "lm")) if e["night"] in kept]
            sessions = [s for s in store.sessions() if s["night"] in kept]
    if not nights and not as_json:
        click.echo(NOTHING_YET if since is None else f"No night is stored since {since}.")
        return
    needs_scipy()
    from notturno import refusals
    from notturno.scoring.manynights import figures

    bands = [
        figures.of_band(
            [row for row in nights if row["device_id"] == device],
            tags,
            by,
            [e for e in events if e["device_id"] == device],
            [s for s in sessions if s["device_id"] == device],
        )
        for device in sorted({row["device_id"] for row in nights})
    ]
    if as_json:
        print_json({"by": by, "bands": refusals.to_json(bands), "note": FOOTER})
        return
    for band in bands:
        print_band(band, by)
    print_footer(bands)


def last_nights(nights, last):
    """Return the rows of the last `last` different nights (all for None), whatever the band."""
    keys = list(dict.fromkeys(row["night"] for row in nights))
    kept = set(keys if last is None else keys[-last:])
    return [row for row in nights if row["night"] in kept]


def needs_scipy():
    """Raise a UserError where the statistics part is not installed."""
    from importlib.util import find_spec

    if find_spec("scipy") is None:
        raise UserError("Statistics need scipy; install it: pip install scipy.")


def print_footer(bands):
    """Print what every table over nights ends with."""
    click.echo()
    if any(band["simulated"] for band in bands):
        click.echo(SIMULATED)
    click.echo("Rates are per recorded hour. " + FOOTER)


def number(value, form="{:.2f}"):
    """Return a figure as text; a dash for a Refusal."""
    from notturno.refusals import is_refusal

    return "-" if is_refusal(value) else form.format(value)


def span(pair, form="{:.2f}"):
    """Return an interval as text."""
    return f"{form.format(pair[0])} to {form.format(pair[1])}"


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
