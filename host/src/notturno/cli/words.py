"""How commands print alike: JSON, plain tables, figures and the lines that stand round them.

Touches the standard output alone. Imports click alone at the start.
"""

import json

import click

FOOTER = "Not a diagnosis: show it to a doctor."
SIMULATED = "simulated: recorded by a virtual band."
COUNTS = (("jerks", "single jerks"), ("lms", "limb movements"))


def print_json(value) -> None:
    """Print one JSON document."""
    click.echo(json.dumps(value, ensure_ascii=False))


def print_table(headings, rows) -> None:
    """Print rows of texts in columns, numbers to the right: first column left, others right."""
    widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
    for row in (headings, *rows):
        cells = [row[0].ljust(widths[0])]
        cells += [text.rjust(width) for text, width in zip(row[1:], widths[1:], strict=True)]
        click.echo("  ".join(cells).rstrip())


def or_dash(value, form="{}") -> str:
    """Return the value as text; a dash for None."""
    return "-" if value is None else form.format(value)


def number(value, form: str = "{:.2f}") -> str:
    """Return a figure as text; a dash for a Refusal."""
    from notturno.refusals import is_refusal

    return "-" if is_refusal(value) else form.format(value)


def span(pair, form: str = "{:.2f}") -> str:
    """Return an interval as text."""
    return f"{form.format(pair[0])} to {form.format(pair[1])}"


def clock_text(utc_ms: int | None, zone: str) -> str:
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


def print_footer(bands) -> None:
    """Print what every table over nights ends with."""
    click.echo()
    if any(band["simulated"] for band in bands):
        click.echo(SIMULATED)
    click.echo("Rates are per recorded hour. " + FOOTER)
