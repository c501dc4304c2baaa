"""The command `compare`: two phases of nights, e.g. before and after a treatment."""

from pathlib import Path

import click

from notturno.cli.compare_words import print_band_comparison, print_comparison
from notturno.cli.given import needs_scipy, text_of
from notturno.cli.many_words import print_list_footer, sums_text
from notturno.cli.measures import measure_option, measures_over_nights
from notturno.cli.options import (
    HELP_NAMES,
    NOTHING_YET,
    data_dir_option,
    json_option,
    open_for_reading,
)
from notturno.cli.words import FOOTER, print_footer, print_json
from notturno.errors import UserError
from notturno.words import _


@click.command(context_settings=HELP_NAMES)
@click.argument("first", metavar="PHASE")
@click.argument("second", metavar="PHASE")
@measure_option
@click.option("--band", metavar="BAND", help="Only this band: its name or id.")
@click.option(
    "--table",
    metavar="NIGHTS.csv",
    help="Nights from elsewhere instead: a list with the header night,phase,events,hours.",
)
@json_option
@data_dir_option
def command(
    first: str,
    second: str,
    measures: tuple[str, ...],
    band: str,
    table: str | None,
    as_json: bool,
    folder: str | None,
) -> None:
    """Compare two phases: how many times as many movements an hour in the second.

    A phase is a tag (notturno tag), or stands in the list of --table. `before` and `after` are
    all nights before the first and after the last night of the other phase.
    """
    if table is not None:
        if measures or band:
            raise UserError("--table has one measure and no band; leave --measure and --band out.")
        _of_table(table, (first, second), as_json)
        return
    measures = measures_over_nights(measures)
    with open_for_reading(folder) as store:
        device = None if band is None else store.band_id(band)
        nights = store.nights(device_id=device)
        persons = store.person_nights([row["night"] for row in nights]) if band is None else []
        tags = store.tags()
    if not nights and not as_json:
        click.echo(_(NOTHING_YET))
        return
    needs_scipy()
    from notturno import refusals
    from notturno.scoring.manynights import figures, usable

    bands = []
    for rows in figures.sections(nights + persons):
        bands.append(figures.compare_band(usable.two_phases(rows, tags, first, second), measures))
    if as_json:
        whole = {"schema": figures.COMPARE_SCHEMA, "phases": [first, second]}
        print_json(whole | {"bands": refusals.to_json(bands), "note": FOOTER})
        return
    for found in bands:
        print_band_comparison(found, (first, second))
    print_footer(bands)


def _of_table(path: str, names: tuple[str, str], as_json: bool) -> None:
    text = text_of(path)
    needs_scipy()
    from notturno import refusals
    from notturno.scoring.manynights import figures, night_lists, phases

    name = Path(path).name
    rows = night_lists.read_nights(text, name)
    first, second, left_out = night_lists.two_phases(rows, *names, name)
    found = phases.compare(first, second)
    if as_json:
        whole = {"schema": figures.COMPARE_SCHEMA, "phases": list(names), "table": name}
        whole |= refusals.to_json(found)
        print_json(whole | {"left_out": left_out, "note": FOOTER})
        return
    for phase, nights in zip(names, (first, second), strict=True):
        click.echo(f"{phase}: {sums_text(nights)}")
    if left_out:
        click.echo(_("left out, of other phases: {left_out}").format(left_out=", ".join(left_out)))
    print_comparison(_("events per hour"), found, names)
    click.echo(found["caveat"])
    print_list_footer(found["method"])
