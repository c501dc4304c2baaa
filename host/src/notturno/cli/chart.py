"""The command `chart`: the nights as a picture."""

from pathlib import Path

import click

from notturno.cli.options import (
    HELP_NAMES,
    NOTHING_YET,
    data_dir_option,
    json_option,
    open_for_reading,
    which_night,
)
from notturno.cli.words import FOOTER, print_json
from notturno.errors import UserError

SUFFIXES = (".html", ".htm", ".svg")


@click.command(context_settings=HELP_NAMES)
@click.option(
    "--out",
    default="notturno.html",
    show_default=True,
    metavar="FILE",
    help="Where to draw: .html (a page with a table) or .svg; it needs no network.",
)
@click.option("--night", metavar="NIGHT", help="The night to show hour by hour (else the latest).")
@click.option("--last", type=click.IntRange(min=1), metavar="N", help="Only the last N nights.")
@json_option
@data_dir_option
def command(out, night, last, as_json, folder):
    """Draw the nightly counts, and one night hour by hour."""
    path = Path(out).expanduser()
    if path.suffix.lower() not in SUFFIXES:
        raise UserError(f"{out} is no .html or .svg file; name it for example nights.html.")
    with open_for_reading(folder) as store:
        key = which_night(store, night)
        if key is None:
            raise UserError("There is nothing to draw yet. " + NOTHING_YET + ".")
        nights = store.nights(last=last)
        chosen = [row for row in store.nights() if row["night"] == key][-1]
        device = chosen["device_id"]
        rows = [
            getattr(store, name)(key, device) for name in ("events", "minutes", "gaps", "marks")
        ]
        tags = store.tags()
    from notturno.charts import page

    svg, description = page.picture(nights, chosen, *rows, tags)
    text = svg if path.suffix.lower() == ".svg" else page.html(svg, description, nights)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserError(
            f"The file {path} cannot be written ({error.strerror}); choose another with --out."
        ) from error
    if as_json:
        print_json({"out": str(path.resolve()), "night": key, "nights": len(nights)})
        return
    click.echo(f"{description}")
    click.echo(f"Drawn: {path.resolve()}" + ("" if FOOTER in description else "  " + FOOTER))
