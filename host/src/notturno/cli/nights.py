"""The commands `nights` and `show`: what was recorded, as tables or JSON."""

import click

from notturno.cli.options import (
    HELP_NAMES,
    NOTHING_YET,
    check_date,
    data_dir_option,
    json_option,
    open_for_reading,
    which_night,
)
from notturno.cli.words import (
    FOOTER,
    clock_text,
    event_row,
    or_dash,
    print_json,
    print_summary,
    print_table,
)


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
