"""The commands `nights` and `show`: what was recorded, as tables or JSON."""

import click

from notturno.cli.output import (
    FOOTER,
    HELP_NAMES,
    check_date,
    data_dir_option,
    json_option,
    or_dash,
    print_json,
    print_table,
)
from notturno.errors import UserError
from notturno.paths import data_dir
from notturno.store import Store

NOTHING_YET = "Nothing is stored yet: bring your band near and run  notturno sync"


@click.command(context_settings=HELP_NAMES)
@click.option("--last", type=click.IntRange(min=1), metavar="N", help="Only the last N rows.")
@click.option("--since", metavar="DATE", help="Only nights from this evening on (2026-01-31).")
@json_option
@data_dir_option
def nights(last, since, as_json, folder):
    """Print one row a night: recorded hours, jerks, gaps, battery.

    Jerks are the single ones: not those in a rhythm, in a longer movement or while awake. A night
    bears the date of its evening.
    """
    since = check_date(since)
    with open_for_reading(folder) as store:
        rows = store.nights(last=last, since=since)
    if as_json:
        print_json(rows)
        return
    if not rows:
        click.echo(NOTHING_YET if since is None else f"No night is stored since {since}.")
        return
    several = len({row["device_id"] for row in rows}) > 1
    headings = ["night", "recorded", "jerks", "jerks/h", "largest", "LM", "gaps", "battery"]
    table = [
        [
            (row["date"] or row["night"]) + ("*" if row["simulated"] else ""),
            f"{row['recorded_h']:.1f} h",
            str(row["jerks"]),
            or_dash(row["jerks_per_h"], "{:.1f}"),
            or_dash(row["largest_mg"], "{} mg"),
            str(row["lms"]),
            str(row["gaps"]),
            or_dash(row["battery_mv"], "{} mV"),
        ]
        + ([row["device_id"]] if several else [])
        for row in rows
    ]
    print_table(headings + (["band"] if several else []), table)
    click.echo()
    if any(row["simulated"] for row in rows):
        click.echo("* simulated: recorded by a virtual band.")
    if any(row["clock"] == "unknown" for row in rows):
        click.echo("undated: the band's clock was not set before it lost power.")
    click.echo("jerks/h: single jerks per recorded hour. " + FOOTER)


@click.command(context_settings=HELP_NAMES)
@click.argument("night", required=False)
@json_option
@data_dir_option
def show(night, as_json, folder):
    """Print the events of one NIGHT (date of its evening; otherwise the latest)."""
    with open_for_reading(folder) as store:
        night = which_night(store, night)
        if night is None:
            if as_json:
                print_json({"night": None, "summary": [], "events": [], "gaps": [], "marks": []})
            else:
                click.echo(NOTHING_YET)
            return
        summary = [row for row in store.nights() if row["night"] == night]
        events = store.events(night)
        gaps = store.gaps(night)
        marks = store.marks(night)
    if as_json:
        parts = {"summary": summary, "events": events, "gaps": gaps, "marks": marks}
        print_json({"night": night} | parts)
        return
    for row in summary:
        print_summary(row)
    zones = {row["device_id"]: row["zone"] for row in summary}
    if events:
        click.echo()
        print_table(
            ["time", "kind", "lasts", "peak", "counts", "confidence", "what else"],
            [event_row(event, zones[event["device_id"]]) for event in events],
        )
    for gap in gaps:
        when = clock_text(gap["start_utc_ms"], zones[gap["device_id"]])
        click.echo(f"gap at {when}: {gap['duration_s']:.1f} s ({gap['reason']})")
    for mark in marks:
        click.echo(f"button at {clock_text(mark['utc_ms'], zones[mark['device_id']])}")
    click.echo()
    click.echo(FOOTER)


def open_for_reading(option) -> Store:
    """Open the logbook for reading: no folder and no file is made or changed."""
    return Store.open(data_dir(option, create=False), create=False)


def which_night(store, night: str | None) -> str | None:
    """Return the key of the night asked for, or of the latest; None where nothing is stored.

    Raises UserError for a night that is not stored, and says which are near it.
    """
    stored = [row["night"] for row in store.nights()]
    if night is None:
        return stored[-1] if stored else None
    if night in stored:
        return night
    if not night.startswith("undated-"):
        check_date(night)
    known = f"the latest stored one is {stored[-1]}" if stored else "nothing is stored yet"
    raise UserError(f"The night {night} is not stored; {known} (see notturno nights).")


def clock_text(utc_ms, zone) -> str:
    """Return the time of day in the night's zone; a dash where the clock is unknown."""
    from notturno.nights.calendar import local_text

    return "-" if utc_ms is None else local_text(utc_ms, zone, "%H:%M:%S")


def print_summary(row) -> None:
    """Print the lines that stand above a night's events."""
    label = "simulated band" if row["simulated"] else "band"
    click.echo(f"Night {row['night']}, {label} {row['device_id']}, zone {row['zone']}")
    rate = or_dash(row["jerks_per_h"], "{:.1f}")
    click.echo(
        f"recorded {row['recorded_h']:.1f} h, {row['jerks']} single jerks ({rate} per recorded "
        f"hour), {row['lms']} limb movements, {row['rhythms']} rhythms, {row['gaps']} gaps"
    )
    if row["clock"] == "unknown":
        click.echo("The band's clock was not set: the times of this night are unknown.")
    elif row["clock_error_ms"] and row["clock_error_ms"] > 1000:
        minutes = row["clock_error_ms"] / 60_000
        click.echo(
            f"Times may be off by up to {minutes:.1f} min: the band's clock was set only once "
            "(an uncorrected clock drifts by up to 2 %)."
            if row["clock"] == "estimated"
            else f"Times may be off by up to {minutes:.1f} min."
        )


def event_row(event, zone) -> list[str]:
    """Return one event as the texts of a table's row."""
    what = list(event["flag_names"])
    if event["rhythm_hz"]:
        what.insert(0, f"{event['rhythm_hz']:.1f} Hz x {event['beats']}")
    when = clock_text(event["onset_utc_ms"], zone)
    return [
        when if when != "-" else f"+{event['onset_s']:.0f} s",
        event["kind"],
        f"{event['duration_s']:.2f} s",
        f"{event['peak_mg']} mg",
        "yes" if event["single"] else "",
        f"{event['confidence_pct']} %",
        ", ".join(what),
    ]
