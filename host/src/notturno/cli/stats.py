"""The command `stats`: figures over many nights, or all figures of one."""

from pathlib import Path
from typing import Any

import click

from notturno.cli.given import needs_scipy, text_of
from notturno.cli.many_words import print_band, print_level, print_list_footer, sums_text
from notturno.cli.measures import measure_option, measures_over_nights
from notturno.cli.options import (
    HELP_NAMES,
    NOTHING_YET,
    check_dates,
    data_dir_option,
    json_option,
    night_argument_and_option,
    nights_options,
    open_for_reading,
)
from notturno.cli.words import FOOTER, print_footer, print_json
from notturno.errors import Phrase, UserError
from notturno.words import _

BY = ("tag", "phase", "month")


@click.command(context_settings=HELP_NAMES)
@night_argument_and_option
@click.option("--by", type=click.Choice(BY), help="Also group the nights.")
@measure_option
@nights_options
@click.option(
    "--table",
    metavar="NIGHTS.csv",
    help="Nights from elsewhere instead: a list with the header night,phase,events,hours.",
)
@click.option(
    "--sleep",
    "sleep_rule",
    type=click.Choice(["van_hees_2015", "cole_kripke_1992", "marks"]),
    help="With NIGHT: what says when you slept (marks: the button). [default: van_hees_2015]",
)
@click.option(
    "--stages",
    metavar="FILE",
    help="With NIGHT: a hypnogram, EDF+, CSV onset_s,stage or any file that `notturno score` "
    "takes; placed by its own start, if it has one, else at the start of the recording. lab: the "
    "one that was imported.",
)
@click.option(
    "--stages-offset",
    "stages_offset_s",
    metavar="S",
    help="With --stages: seconds by which the hypnogram is moved (later: above 0).",
)
@click.option(
    "--left",
    metavar="BAND",
    help="With NIGHT and two bands without a side: the left leg's name or id.",
)
@click.option(
    "--against",
    metavar="FILE",
    help="With NIGHT: JSON of an earlier one; show what changed since.",
)
@json_option
@data_dir_option
def command(
    night: str | None,
    sleep_rule: str | None,
    stages: str | None,
    stages_offset_s: str | None,
    left: str | None,
    against: str | None,
    as_json: bool,
    folder: str | None,
    **over_nights: Any,
) -> None:
    """Typical figures, how nights differ, the trend, and where the level changed.

    With NIGHT: all figures of that night. Over many nights, rates are compared on the scale of
    logarithms, so that typical is a geometric mean. A phase is a tag (notturno tag); by phase,
    every phase is also compared with the first. A figure that would mislead is refused.
    """
    of_one = (sleep_rule, stages, stages_offset_s, left, against)
    if night is not None:
        _alone(Phrase(_("a night")), over_nights)
        from notturno.cli import onenight

        onenight.run(night, *of_one, as_json, folder)
        return
    if any(value is not None for value in of_one):
        raise UserError(
            "--sleep, --stages, --stages-offset, --left and --against need one night: name it."
        )
    table = over_nights.pop("table")
    if table is not None:
        _alone("--table", over_nights)
        _of_table(table, as_json)
        return
    _of_nights(as_json, folder, **over_nights)


def _alone(what: Phrase | str, options: dict) -> None:
    given = [f"--{name.rstrip('s')}" for name, value in options.items() if value]
    if given:
        raise UserError(
            "{given} cannot go with {what_said}; leave one of them out.",
            given=", ".join(given),
            what_said=what,
        )


def _of_nights(
    as_json: bool,
    folder: str | None,
    by: str | None,
    measures: tuple[str, ...],
    last: int | None,
    since: str | None,
    until: str | None,
    band: str | None,
) -> None:
    since, until = check_dates(since, until)
    measures = measures_over_nights(measures)
    with open_for_reading(folder) as store:
        device = None if band is None else store.band_id(band)
        nights = store.nights(last=last, since=since, until=until, device_id=device)
        persons = store.person_nights([row["night"] for row in nights]) if band is None else []
        tags = store.tags()
    if not nights and not as_json:
        none_of_them = since or until or band
        click.echo(_("No night is stored there.") if none_of_them else _(NOTHING_YET))
        return
    needs_scipy()
    from notturno import refusals
    from notturno.scoring.manynights import figures

    bands = [
        figures.of_band(rows, tags, by, measures) for rows in figures.sections(nights + persons)
    ]
    if as_json:
        whole = {"schema": figures.STATS_SCHEMA, "by": by, "measures": list(measures)}
        print_json(whole | {"bands": refusals.to_json(bands), "note": FOOTER})
        return
    for found in bands:
        print_band(found, by)
    print_footer(bands)


def _of_table(path: str, as_json: bool) -> None:
    text = text_of(path)
    needs_scipy()
    from notturno import refusals
    from notturno.scoring.manynights import figures, night_lists

    name = Path(path).name
    nights = night_lists.one_series(night_lists.read_nights(text, name), name)
    found = figures.of_list(nights)
    if as_json:
        whole = {"schema": figures.STATS_SCHEMA, "table": name}
        print_json(whole | refusals.to_json(found) | {"note": FOOTER})
        return
    click.echo(f"{name}: {sums_text(nights)}")
    level = {"typical": found["typical_per_h"], "variability": found["variability"]}
    print_level(_("events per hour"), level | {"trend": found, "change_points": found})
    print_list_footer(found["method"])
