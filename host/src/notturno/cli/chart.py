"""The command `chart`: the nights as a picture."""

from pathlib import Path

import click

from notturno.cli.options import (
    HELP_NAMES,
    NOTHING_YET,
    data_dir_option,
    json_option,
    measure_option,
    night_argument_and_option,
    open_for_reading,
    which_night,
)
from notturno.cli.words import FOOTER, print_json
from notturno.errors import UserError
from notturno.words import _

SCHEMA = "chart-1"
SUFFIXES = (".html", ".htm", ".svg")


@click.command(context_settings=HELP_NAMES)
@click.option(
    "--out",
    default="notturno.html",
    show_default=True,
    metavar="FILE",
    help="Where to draw: .html (a page with a table) or .svg; it needs no network.",
)
@night_argument_and_option
@click.option("--last", type=click.IntRange(min=1), metavar="N", help="Only the last N nights.")
@click.option("--band", metavar="BAND", help="Only this band: its name or id.")
@measure_option
@json_option
@data_dir_option
def command(out, night, last, band, measures, as_json, folder):
    """Draw the nights' rates, and one NIGHT hour by hour (otherwise the latest)."""
    path = Path(out).expanduser()
    if path.suffix.lower() not in SUFFIXES:
        raise UserError(
            "{out} is no .html or .svg file; name it for example nights.html.", out=out
        )
    with open_for_reading(folder) as store:
        key = which_night(store, night)
        if key is None:
            raise UserError(
                "There is nothing to draw yet. {nothing_said}.", nothing_said=NOTHING_YET
            )
        device = None if band is None else store.band_id(band)
        nights = store.nights(last=last, device_id=device)
        summary = store.nights(night=key, device_id=device)
        persons = store.person_nights([key]) if device is None else []
        chosen = [(row, *store.night_inputs(key, row["device_id"])[:3]) for row in summary]
        tags = store.tags()
    from notturno.charts import page, trend
    from notturno.nights.axis import night_axis

    drawn = [
        (
            row,
            night_axis(rows["events"], rows["minutes"], sessions, rows["gaps"], bed),
            rows["gaps"],
            rows["marks"],
        )
        for row, sessions, rows, bed in chosen
    ]
    svg, description = page.picture(nights, drawn, persons, tags, measures or trend.MEASURES)
    text = svg
    if path.suffix.lower() != ".svg":
        text = page.html(svg, description, nights, measures or trend.MEASURES)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserError(
            "The file {path} cannot be written ({why_said}); choose another with --out.",
            path=path,
            why_said=error.strerror,
        ) from error
    if as_json:
        print_json(
            {
                "schema": SCHEMA,
                "out": str(path.resolve()),
                "night": key,
                "nights": len({row["night"] for row in nights}),
                "summary": summary,
                "person": persons,
            }
        )
        return
    click.echo(f"{description}")
    click.echo(
        _("Drawn: {path}").format(path=path.resolve())
        + ("" if _(FOOTER) in description else "  " + _(FOOTER))
    )
