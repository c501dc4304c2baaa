"""The command `chart`: the nights as a picture."""

from pathlib import Path

import click

from notturno.cli import outfile
from notturno.cli.measures import measure_option
from notturno.cli.options import (
    HELP_NAMES,
    NOTHING_YET,
    check_dates,
    data_dir_option,
    json_option,
    night_argument_and_option,
    nights_options,
    none_of_them,
    open_for_reading,
    which_night,
)
from notturno.cli.words import print_json
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
@nights_options
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@measure_option
@json_option
@data_dir_option
def command(
    out: str,
    night: str | None,
    last: int | None,
    since: str | None,
    until: str | None,
    band: str | None,
    force: bool,
    measures: tuple[str, ...],
    as_json: bool,
    folder: str,
) -> None:
    """Draw the nights' rates, and one NIGHT hour by hour (otherwise the latest)."""
    path = Path(out).expanduser()
    if path.suffix.lower() not in SUFFIXES:
        raise UserError(
            "{out} is no .html or .svg file; name it for example nights.html.", out=out
        )
    since, until = check_dates(since, until)
    with open_for_reading(folder) as store:
        key = which_night(store, night)
        if key is None:
            raise UserError("{nothing_said}.", nothing_said=NOTHING_YET)
        from notturno.views.night import night_view

        device = None if band is None else store.band_id(band)
        nights = store.nights(last=last, since=since, until=until, device_id=device)
        if not nights:
            raise none_of_them(store)
        if night is None:  # the newest of those that were chosen
            dated = [row for row in nights if row["date"]]
            newest = max(dated, key=lambda row: row["date"]) if dated else nights[-1]
            key = newest["night"]
        found = night_view(store, key, device)
        tags = store.tags()
    if not found["bands"]:
        raise UserError(
            "The band {band} did not record the night {night}; name another with NIGHT.",
            band=band,
            night=key,
        )
    outfile.may_write_over(path, force)
    from notturno.charts import page, trend

    views, persons = found["bands"], found["person"]
    measures = measures or trend.MEASURES
    if path.suffix.lower() == ".svg":
        text, description = page.picture(nights, views, persons, tags, measures)
    else:
        text = page.html(nights, views, persons, tags, measures)
        description = page.describe_all(nights, views, persons)
    outfile.put(path, text, force=True)
    if as_json:
        print_json(
            {
                "schema": SCHEMA,
                "out": str(path.resolve()),
                "night": key,
                "nights": len({row["night"] for row in nights}),
                "summary": [view["row"] for view in views],
                "person": persons,
            }
        )
        return
    click.echo(f"{description}")
    click.echo(_("Drawn: {path}").format(path=path.resolve()))
